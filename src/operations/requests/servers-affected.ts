import type { ServerId } from '../../model/ids.ts';
import type { SecurityGroupId } from '../../model/network/network-ids.ts';
import type { PortChange } from '../../model/network/port-change.ts';
import { pagesOf } from '../../model/pages.ts';
import type { PortFilter } from '../../store/promise/networks.ts';
import type { Queries } from '../../store/promise/store.ts';

/** Rows that are read in one go. */
const GO = 500;

/** The servers whose guests must follow a change: those with a port that it touches. */
export async function serversAffected(
  store: Pick<Queries, 'ports' | 'securityGroups'>,
  { servers = [], groups = [], members = [], networks = [] }: PortChange,
): Promise<ReadonlySet<ServerId>> {
  const naming = members.length === 0 ? [] : await groupsNaming(store, members);
  const touched = [...new Set([...groups, ...naming])];
  return new Set([
    ...servers,
    ...(touched.length === 0 ? [] : await serversWith(store, { securityGroupIds: touched })),
    ...(networks.length === 0 ? [] : await serversWith(store, { networkIds: networks })),
  ]);
}

/** The groups that have a rule with one of these as its remote group. */
async function groupsNaming(
  { securityGroups }: Pick<Queries, 'securityGroups'>,
  remoteGroupIds: readonly SecurityGroupId[],
): Promise<SecurityGroupId[]> {
  const found: SecurityGroupId[] = [];
  for await (const rules of pagesOf((page) => securityGroups.listRules({ remoteGroupIds }, page), GO))
    found.push(...rules.map(({ groupId }) => groupId));
  return found;
}

async function serversWith(
  store: Pick<Queries, 'ports'>,
  filter: PortFilter,
): Promise<ReadonlySet<ServerId>> {
  const found = new Set<ServerId>();
  for await (const page of pagesOfServersWithPorts(store, filter)) for (const id of page) found.add(id);
  return found;
}

/** The servers that have ports, a page at a time; one with several ports may come again. */
export async function* pagesOfServersWithPorts(
  { ports }: Pick<Queries, 'ports'>,
  filter: PortFilter = {},
): AsyncGenerator<readonly ServerId[]> {
  for await (const rows of pagesOf((page) => ports.list(filter, page), GO)) {
    const used = rows.filter(({ index }) => index !== null);
    yield [...new Set(used.map(({ deviceId }) => deviceId as string as ServerId))];
  }
}
