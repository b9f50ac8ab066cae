import { Failure } from '../../model/failure.ts';
import type { Domain } from '../../model/identity.ts';
import type { Store } from '../../store/promise/store.ts';
import { type Route, route } from '../http/route.ts';
import { AnyQuery, enabledFilter, given, nameMatches } from './filters.ts';
import { lookUp, newId } from './look-up.ts';
import { mustBeAllowed, unlessTaken } from './refusals.ts';
import { CreateDomain, IdParams, UpdateDomain } from './schemas.ts';
import { domainList, oneDomain } from './shapes.ts';
import { domainView, listLinks } from './views.ts';

/** The domain of the administrator that the bootstrap creates. */
export const DEFAULT_DOMAIN_ID = 'default';

/** /v3/domains. */
export const domainRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v3/domains',
    access: 'admin',
    policy: 'identity:list_domains',
    summary: 'List domains',
    schemas: { query: AnyQuery },
    status: 200,
    response: domainList,
    handle: async ({ base, query, parts }) => {
      const filter = { ...given(query, { name: 'name' }), ...enabledFilter(query) };
      const domains = await parts.store.identity.domains.list(filter);
      return {
        domains: domains
          .filter((domain) => nameMatches(query, domain.name))
          .map((domain) => domainView(domain, base)),
        links: listLinks(`${base}/v3/domains`),
      };
    },
  }),
  route({
    method: 'POST',
    path: '/v3/domains',
    access: 'admin',
    policy: 'identity:create_domain',
    summary: 'Create domain',
    schemas: { body: CreateDomain },
    status: 201,
    response: oneDomain,
    handle: async ({ base, body: { domain: asked }, parts }) => {
      const domain: Domain = {
        id: newId(),
        name: asked.name,
        description: asked.description ?? '',
        enabled: asked.enabled ?? true,
      };
      await unlessTaken('domain', domain.name, parts.store.identity.domains.insert(domain));
      return { domain: domainView(domain, base) };
    },
  }),
  route({
    method: 'GET',
    path: '/v3/domains/:id',
    access: 'token',
    policy: 'identity:get_domain',
    summary: 'Show domain',
    schemas: { params: IdParams },
    status: 200,
    response: oneDomain,
    handle: async ({ base, params, caller, parts }) => {
      mustBeAllowed(caller, 'identity:get_domain', params.id === caller.userDomainId);
      return { domain: domainView(await lookUp(parts.store.identity.domains, 'domain', params.id), base) };
    },
  }),
  route({
    method: 'PATCH',
    path: '/v3/domains/:id',
    access: 'admin',
    policy: 'identity:update_domain',
    summary: 'Update domain',
    schemas: { params: IdParams, body: UpdateDomain },
    status: 200,
    response: oneDomain,
    handle: async ({ base, params, body: { domain: asked }, parts }) => {
      const { domains } = parts.store.identity;
      const before = await lookUp(domains, 'domain', params.id);
      if (before.id === DEFAULT_DOMAIN_ID && asked.enabled === false)
        throw new Failure(
          'forbidden',
          'The default domain cannot be disabled: no administrator would be left.',
        );
      const patch = {
        ...(asked.name === undefined ? {} : { name: asked.name }),
        ...(asked.description === undefined ? {} : { description: asked.description ?? '' }),
        ...(asked.enabled === undefined ? {} : { enabled: asked.enabled }),
      };
      const changing = parts.store.transaction(async (tx) => {
        if (asked.enabled === false) await tx.tokens.deleteOfDomain(before.id);
        return tx.identity.domains.update(before.id, patch);
      });
      const after = await unlessTaken('domain', asked.name ?? before.name, changing);
      parts.authenticator.forget();
      return { domain: domainView(after ?? before, base) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/v3/domains/:id',
    access: 'admin',
    policy: 'identity:delete_domain',
    summary: 'Delete a disabled domain with its users and projects',
    schemas: { params: IdParams },
    status: 204,
    handle: async ({ params, parts }) => {
      const domain = await lookUp(parts.store.identity.domains, 'domain', params.id);
      if (domain.enabled)
        throw new Failure('forbidden', 'Cannot delete a domain that is enabled, please disable it first.');
      await deleteDomain(parts.store, domain.id);
      parts.authenticator.forget();
    },
  }),
];

async function deleteDomain(store: Store, domainId: string): Promise<void> {
  await store.transaction(async ({ identity }) => {
    for (const user of await identity.users.list({ domainId })) await identity.users.delete(user.id);
    for (const project of await identity.projects.list({ domainId }))
      await identity.projects.delete(project.id);
    for (const role of await identity.roles.list({ domainId })) await identity.roles.delete(role.id);
    await identity.domains.delete(domainId);
  });
}
