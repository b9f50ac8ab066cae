import { Type } from 'typebox';
import { Failure } from '../../model/failure.ts';
import type { Flavor } from '../../model/flavor.ts';
import type { ProjectId } from '../../model/ids.ts';
import type { Queries } from '../../store/promise/store.ts';
import { forbidden } from '../http/access.ts';
import { type Ask, type Route, route } from '../http/route.ts';
import { visibleFlavor } from './flavor-lookup.ts';
import { FlavorParams } from './flavor-schemas.ts';
import { flavorAccess } from './flavor-view.ts';

const Tenant = Type.Object(
  { tenant: Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-]*$' }) },
  { additionalProperties: false },
);
const AccessAction = Type.Object(
  { addTenantAccess: Type.Optional(Tenant), removeTenantAccess: Type.Optional(Tenant) },
  { additionalProperties: true },
);
type AccessAsk = Ask<{ flavor_id: string }, unknown, Record<string, { tenant: string } | undefined>>;

const POLICY = 'os_compute_api:os-flavor-access';

/** One action a body; which one decides the policy rule (nova/api/openstack/compute/flavor_access.py). */
async function act(ask: AccessAsk) {
  const names = Object.keys(ask.body);
  const action = names[0];
  if (names.length !== 1 || action === undefined) throw new Failure('invalid', 'Malformed request body');
  const change = changeOf(action, ask);
  const tenant = ask.body[action]!.tenant as ProjectId;
  return ask.parts.store.transaction(async (tx) => {
    if (action === 'addTenantAccess') await requireProject(tx, tenant);
    const flavor = await visibleFlavor(tx, ask.caller, ask.params.flavor_id);
    const access = change(flavor, tenant);
    return flavorAccess(await tx.flavors.update(flavor, { access }));
  });
}

function changeOf(action: string, ask: AccessAsk): (flavor: Flavor, tenant: ProjectId) => ProjectId[] {
  if (action !== 'addTenantAccess' && action !== 'removeTenantAccess')
    throw new Failure('invalid', `There is no such action: ${action}`);
  const rule = action === 'addTenantAccess' ? 'add_tenant_access' : 'remove_tenant_access';
  if (!ask.caller.isAdmin) throw forbidden(`${POLICY}:${rule}`);
  if (action === 'removeTenantAccess') return without;
  return (flavor, tenant) => {
    if (ask.version >= 7 && flavor.isPublic)
      throw new Failure('conflict', 'Can not add access to a public flavor.');
    return added(flavor, tenant);
  };
}

function added(flavor: Flavor, tenant: ProjectId): ProjectId[] {
  if (flavor.access.includes(tenant))
    throw new Failure(
      'conflict',
      `Flavor access already exists for flavor ${flavor.id} and project ${tenant} combination.`,
    );
  return [...flavor.access, tenant];
}

function without(flavor: Flavor, tenant: ProjectId): ProjectId[] {
  if (!flavor.access.includes(tenant))
    throw new Failure('not-found', `Flavor access not found for ${flavor.id} / ${tenant} combination.`);
  return flavor.access.filter((project) => project !== tenant);
}

/** @throws {Failure} `invalid` when there is no such project */
export async function requireProject(store: Queries, id: string): Promise<void> {
  if ((await store.identity.projects.find(id)) === undefined)
    throw new Failure('invalid', `Project ID ${id} is not a valid project.`);
}

/** https://docs.openstack.org/api-ref/compute/#flavors-access-flavors-os-flavor-access */
export const flavorAccessRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/flavors/:flavor_id/os-flavor-access',
    access: 'admin',
    policy: POLICY,
    summary: 'List the projects that may use a private flavor',
    schemas: { params: FlavorParams },
    status: 200,
    handle: async (ask) => {
      const flavor = await visibleFlavor(ask.parts.store, ask.caller, ask.params.flavor_id);
      if (flavor.isPublic) throw new Failure('not-found', 'Access list not available for public flavors.');
      return flavorAccess(flavor);
    },
  }),
  route({
    method: 'POST',
    path: '/flavors/:flavor_id/action',
    access: 'reader',
    policy: POLICY,
    summary: 'Let a project use a private flavor, or no longer (addTenantAccess, removeTenantAccess)',
    schemas: { params: FlavorParams, body: AccessAction },
    status: 200,
    handle: (ask) => act(ask as AccessAsk),
  }),
];
