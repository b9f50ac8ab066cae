import { randomUUID } from 'node:crypto';
import { Failure } from '../../../model/failure.ts';
import type { FlavorSnapshot } from '../../../model/flavor.ts';
import type { QuotaLimits } from '../../../model/quota.ts';
import { writableInXml } from '../../../model/xml-text.ts';
import type { ServerRequest } from '../../../operations/requests/operations.ts';
import { notImplemented } from '../../http/failures.ts';
import type { RequestContext } from '../../http/route.ts';
import { parseBoolean } from '../field-schemas.ts';
import { limitsOf, serverLimitsOf } from '../quota.ts';
import { accessAddressesOf } from './access-addresses.ts';
import { requestedImage } from './boot-source.ts';
import type { CreateBody } from './create-schemas.ts';
import { diskConfigOf } from './disk-config.ts';
import { flavorForServer } from './flavor-for-server.ts';
import { requesterOf } from './found-server.ts';
import { hostnameOf, namesOfSeveral } from './hostname.ts';
import { imageForServer } from './image-for-server.ts';
import { injectedFilesOf } from './injected-files.ts';
import { keyNamed } from './key-for-server.ts';
import { requireMetadataQuota } from './metadata-quota.ts';
import { countWithin, type RequestedCount, requestedCount } from './requested-count.ts';
import { countWithinPorts, type Networking, requestedNetworking } from './requested-networking.ts';
import { requestedPlacement } from './requested-placement.ts';
import { groupHinted, hintsOf } from './scheduler-hints.ts';

type ServerBody = CreateBody['server'];

/** What a create names and is not there is a fault of the request (nova servers.py create answers 400). */
export async function notFoundAsInvalid<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure && error.kind === 'not-found')
      throw new Failure('invalid', error.message, { operatorText: error.operatorText });
    throw error;
  }
}

/**
 * What a validated body of `POST /servers` asks for.
 * @throws {Failure} in Nova's words
 */
export async function serverRequest(context: RequestContext, body: CreateBody): Promise<ServerRequest> {
  const { caller, parts } = context;
  const wish = body.server;
  requireBuilt(wish);
  // Checked here, because older releases accepted users and projects with such names.
  writableInXml('The user name', caller.userName);
  writableInXml('The project name', caller.projectName ?? '');
  const wanted = requestedCount(wish);
  const metadata = wish.metadata ?? {};
  const { projectId } = requesterOf(context);
  await requireMetadataQuota(parts, projectId, metadata);
  const imageRef = requestedImage(wish);
  const flavor = await flavorForServer(parts.store, caller, wish.flavorRef);
  const image = await imageForServer(parts.store, caller, { imageRef, flavor });
  const key = await keyNamed(parts.store, caller.userId, wish.key_name ?? null);
  const placement = await requestedPlacement(parts, caller, wish);
  const { groupId, groupMembers } = await groupFor(context, body);
  const limits = await serverLimitsOf(projectId, parts.store, parts.config);
  const files = await injectedFilesOf(wish.personality, { ...parts, projectId });
  const networking = await requestedNetworking(context, wish, wanted);
  const count = wanted.most === 1 ? 1 : await countOf(context, { wanted, limits, flavor, networking });
  return {
    names: namesOfSeveral(wish.name, count).map((name) => ({
      name,
      hostname: wish.hostname ?? hostnameOf(name, `server-${randomUUID()}`),
    })),
    description: descriptionOf(context, wish),
    projectName: caller.projectName ?? '',
    userName: caller.userName,
    flavor,
    image,
    ...placement,
    metadata,
    tags: wish.tags ?? [],
    ...key,
    userData: wish.user_data ?? null,
    ...(files.length > 0 && { files }),
    configDrive: configDriveOf(context, wish, networking.ports.length > 0 || files.length > 0),
    ports: networking.ports,
    securityGroupIds: networking.securityGroupIds,
    accessIPv4: null,
    accessIPv6: null,
    ...accessAddressesOf(wish),
    diskConfig: diskConfigOf(wish, image),
    groupId,
    quota: { ...limits, groupMembers, ports: networking.portLimit },
  };
}

/** Of several servers: as many as the project's limits and the operator's bound leave room for. */
async function countOf(
  context: RequestContext,
  {
    wanted,
    networking,
    ...of
  }: {
    readonly wanted: RequestedCount;
    readonly networking: Networking;
    readonly limits: QuotaLimits;
    readonly flavor: FlavorSnapshot;
  },
): Promise<number> {
  const { store, config } = context.parts;
  const used = await store.servers.usageOf(requesterOf(context).projectId);
  const most = countWithin(wanted, { ...of, used, bound: config.api.max_servers_per_request });
  return countWithinPorts(context, networking, { least: wanted.least, most });
}

/** The default is a config drive where a guest reads its addresses, which no DHCP may give it, or files. */
function configDriveOf({ parts }: RequestContext, wish: ServerBody, isUsed: boolean): boolean {
  return parts.config.DEFAULT.force_config_drive || parseBoolean(wish.config_drive ?? isUsed);
}

/** Below 2.19, where nobody can say one, a server's description is its name (nova servers.py create). */
function descriptionOf({ version }: RequestContext, { name, description }: ServerBody): string | null {
  return version < 19 ? name : (description ?? null);
}

/** The server group in the body's hints, and the number of its members. */
async function groupFor({ parts, caller }: RequestContext, body: CreateBody) {
  const group = await groupHinted(parts.store, caller, hintsOf(body));
  if (group === null) return { groupId: null, groupMembers: -1 };
  const limits = await limitsOf(group.projectId, parts.store, parts.config);
  return { groupId: group.id, groupMembers: limits.server_group_members };
}

function requireBuilt(wish: ServerBody): void {
  if ((wish.trusted_image_certificates ?? []).length > 0) throw notImplemented('Verifying image signatures');
}
