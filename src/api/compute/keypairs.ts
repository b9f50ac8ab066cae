import type { Static } from 'typebox';
import { Failure } from '../../model/failure.ts';
import type { ProjectId, UserId } from '../../model/ids.ts';
import { Type } from '../../model/schema.ts';
import type { Queries } from '../../store/promise/store.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { applicantOf } from '../identity/client-address.ts';
import { FairQueue } from '../identity/fair-queue.ts';
import { LimitSchema } from './field-schemas.ts';
import { generatedKey, importedKey } from './keypair-material.ts';
import {
  createdKeypair,
  createdKeypairShape,
  keypairList,
  listedKeypair,
  oneKeypair,
  wholeKeypair,
} from './keypair-view.ts';
import { nextLinks } from './links.ts';
import { requestedPage } from './paging.ts';
import { requireSameUser } from './policy.ts';
import { limitsOf } from './quota.ts';
import { strictFrom275 } from './strict-query.ts';

const POLICY = 'os_compute_api:os-keypairs';
const closed = { additionalProperties: false } as const;
const Params = Type.Object({ keypair_name: Type.String() });
const Query = Type.Object({
  user_id: Type.Optional(Type.String()),
  limit: Type.Optional(LimitSchema),
  marker: Type.Optional(Type.String()),
});
const UserQuery = Type.Object({ user_id: Type.Optional(Type.String()) });

/**
 * Characters of a name; 2.92 adds `@` and `.` (nova/api/validation/parameter_types.py
 * keypair_name_special_chars).
 */
const nameOf = (pattern: string) => Type.String({ minLength: 1, maxLength: 255, pattern });
const OLD_NAME = nameOf('^(?! )[_\\- a-zA-Z0-9]+(?<! )$');
const NEW_NAME = nameOf('^(?! )[_\\-\\@\\. a-zA-Z0-9]+(?<! )$');
const KeyType = Type.Enum(['ssh', 'x509']);

/** An RSA key of 16,384 bits has 2,800 characters, and a certificate with a chain may have more. */
const PUBLIC_KEY = Type.String({ maxLength: 16_384 });
const oldest = { name: OLD_NAME, public_key: Type.Optional(PUBLIC_KEY) };
const typed = { ...oldest, type: Type.Optional(KeyType) };
const owned = { ...typed, user_id: Type.Optional(Type.String()) };
const imported = { ...owned, name: NEW_NAME, public_key: PUBLIC_KEY };
const bodyOf = <Keypair extends Parameters<typeof Type.Object>[0]>(keypair: Keypair) =>
  Type.Object({ keypair: Type.Object(keypair, closed) }, closed);
type Create = { keypair: Static<ReturnType<typeof Type.Object<typeof owned>>> };

/** The owner of the keypairs: the caller, or from 2.10 another user for administrators. */
function userOf(context: RequestContext<unknown, { user_id?: string }>, rule: string): UserId {
  return allowed(context, { asked: context.query.user_id, rule });
}

function allowed(
  context: RequestContext,
  of: { readonly asked: string | undefined; readonly rule: string },
): UserId {
  const user = (context.version >= 10 ? of.asked : undefined) ?? context.caller.userId;
  requireSameUser(context.caller, user, `${POLICY}:${of.rule}`);
  return user as UserId;
}

async function list(context: RequestContext<unknown, Static<typeof Query>>) {
  const { version, query, parts, base } = context;
  const user = userOf(context, 'index');
  const paged = version >= 35;
  const page = paged ? requestedPage(query, parts.config.api.max_limit) : { limit: Number.MAX_SAFE_INTEGER };
  const keypairs = await parts.store.keypairs.list(user, page);
  const links = paged
    ? nextLinks(
        { base, path: 'os-keypairs', query },
        { limit: page.limit, count: keypairs.length, lastId: keypairs.at(-1)?.name },
      )
    : undefined;
  return {
    keypairs: keypairs.map((keypair) => listedKeypair(keypair, version)),
    ...(links && { keypairs_links: links }),
  };
}

/** Key generation occupies a thread of the pool that files and passwords need too. */
const making = new FairQueue({ running: 1, waiting: 128, waitingOfAddress: 64 });

async function create(context: RequestContext<unknown, unknown, Create>) {
  const { body, parts, version, caller, request } = context;
  const { name, public_key, type = 'ssh', user_id } = body.keypair;
  const userId = allowed(context, { asked: user_id, rule: 'create' });
  // Checked before the costly generation of a key, and again when the key is stored.
  await requireRoom(context, parts.store, userId);
  const material =
    public_key === undefined
      ? await making.run(applicantOf(request, caller.userId), () => generatedKey(type))
      : importedKey(type, public_key);
  const { publicKey, fingerprint, privateKey } = material;
  const keypair = await parts.store.transaction(async (tx) => {
    const known = userId === caller.userId || (await tx.identity.users.find(userId)) !== undefined;
    if (!known) throw new Failure('invalid', `User ${userId} could not be found.`);
    await requireRoom(context, tx, userId);
    return tx.keypairs.insert({ userId, name, type, publicKey, fingerprint, createdAt: parts.now() });
  });
  return createdKeypair(keypair, version, privateKey);
}

/** @throws {Failure} `over-quota` when the user has the maximum number of key pairs */
async function requireRoom({ parts, caller }: RequestContext, store: Queries, user: UserId): Promise<void> {
  const { key_pairs: most } = await limitsOf((caller.projectId ?? '') as ProjectId, store, parts.config);
  if (most !== -1 && (await store.keypairs.count(user)) >= most)
    throw new Failure('over-quota', 'Quota exceeded, too many key pairs.');
}

async function find(context: RequestContext<{ keypair_name: string }, { user_id?: string }>) {
  const user = userOf(context, 'show');
  const keypair = await context.parts.store.keypairs.find(user, context.params.keypair_name);
  if (keypair === undefined) throw missing(context.params.keypair_name, user);
  return wholeKeypair(keypair, context.version);
}

async function remove(context: RequestContext<{ keypair_name: string }, { user_id?: string }>) {
  const user = userOf(context, 'delete');
  if (!(await context.parts.store.keypairs.delete(user, context.params.keypair_name)))
    throw missing(context.params.keypair_name, user);
  return undefined;
}

function missing(name: string, user: string): Failure {
  return new Failure('not-found', `Keypair ${name} not found for user ${user}`);
}

function createRoutes(): Route[] {
  const common = {
    method: 'POST',
    path: '/os-keypairs',
    access: 'reader',
    policy: `${POLICY}:create`,
    summary: 'Import a public key, or (below 2.92) have a pair made',
    response: createdKeypairShape,
    handle: (context: RequestContext) => create(context as RequestContext<unknown, unknown, Create>),
  } as const;
  return [
    route({ ...common, until: '2.1', status: 200, schemas: { body: bodyOf(oldest) } }),
    route({ ...common, since: '2.2', until: '2.9', status: 201, schemas: { body: bodyOf(typed) } }),
    route({ ...common, since: '2.10', until: '2.91', status: 201, schemas: { body: bodyOf(owned) } }),
    route({ ...common, since: '2.92', status: 201, schemas: { body: bodyOf(imported) } }),
  ];
}

const deleteRoute = {
  method: 'DELETE',
  path: '/os-keypairs/:keypair_name',
  access: 'reader',
  policy: `${POLICY}:delete`,
  summary: 'Delete a keypair',
  schemas: { params: Params, query: UserQuery },
  response: 'nothing',
  handle: remove,
} as const;

/** https://docs.openstack.org/api-ref/compute/#keypairs-keypairs */
export const keypairRoutes: Route[] = [
  ...strictFrom275(
    route({
      method: 'GET',
      path: '/os-keypairs',
      access: 'reader',
      policy: `${POLICY}:index`,
      summary: 'List keypairs',
      schemas: { query: Query },
      status: 200,
      response: keypairList,
      handle: list,
    }),
  ),
  ...createRoutes(),
  ...strictFrom275(
    route({
      method: 'GET',
      path: '/os-keypairs/:keypair_name',
      access: 'reader',
      policy: `${POLICY}:show`,
      summary: 'Show a keypair',
      schemas: { params: Params, query: UserQuery },
      status: 200,
      response: oneKeypair,
      handle: find,
    }),
  ),
  ...strictFrom275(route({ ...deleteRoute, until: '2.1', status: 202 })),
  ...strictFrom275(route({ ...deleteRoute, since: '2.2', status: 204 })),
];
