import { sql } from 'kysely';
import { Failure } from '../../model/failure.ts';
import { addressKey, parseAddress } from '../../model/network/address.ts';
import { parseCidr } from '../../model/network/cidr.ts';
import type { Subnet } from '../../model/network/network.ts';
import type { SubnetId } from '../../model/network/network-ids.ts';
import type { SubnetFilter, SubnetQueries } from '../promise/networks.ts';
import type { Page } from '../promise/page.ts';
import type { SubnetsTable } from '../sql/network-schema.ts';
import { type PageArguments, type PageForm, pageOf, planPage, type SortColumn } from '../sql/paging.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';
import { openPools, refuseClaimed, reshapePools } from './address-pools.ts';
import {
  type CommonArguments,
  commonArguments,
  commonConditions,
  dropTags,
  equals,
  flag,
  isOneOf,
  setTags,
  whereAll,
} from './network-filter.ts';
import { changeNetworkUsage, networkUsage } from './network-usage.ts';
import { lockForChange, lockForDelete } from './row-locks.ts';
import { rowOfSubnet, subnetOf } from './subnet-rows.ts';

type Column = Exclude<keyof SubnetsTable, 'body' | 'first' | 'last'>;

const by = (column: Column, nullable = false): SortColumn<Column> => ({ column, nullable });
const ORDER = {
  keys: {
    id: by('id'),
    name: by('name'),
    network_id: by('network_id'),
    project_id: by('project_id'),
    tenant_id: by('project_id'),
    ip_version: by('ip_version'),
    cidr: by('cidr'),
    gateway_ip: by('gateway_ip', true),
    enable_dhcp: by('enable_dhcp'),
    created_at: by('created_at'),
    updated_at: by('updated_at'),
  },
  usual: [{ ...by('id'), direction: 'asc' }],
  last: 'id',
} as const;

const insert = statement((dialect, row: SubnetsTable) =>
  dialect.db
    .insertInto('subnets')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id'),
);

const find = statement((dialect, of: { id: string }) =>
  dialect.db.selectFrom('subnets').selectAll().where('id', '=', of.id),
);

const findForChange = statement((dialect, of: { id: string }) =>
  lockForChange(dialect, dialect.db.selectFrom('subnets').selectAll().where('id', '=', of.id)),
);

/** Changes of pools too: claims hold the subnet. */
const findForDelete = statement((dialect, of: { id: string }) =>
  lockForDelete(dialect, dialect.db.selectFrom('subnets').selectAll().where('id', '=', of.id)),
);

const lockNetwork = statement((dialect, of: { id: string }) =>
  lockForChange(dialect, dialect.db.selectFrom('networks').select('id').where('id', '=', of.id)),
);

const overlapping = statement(
  (dialect, of: { network: string; version: 4 | 6; first: string; last: string }) =>
    dialect.db
      .selectFrom('subnets')
      .select(['id', 'cidr'])
      .where('network_id', '=', of.network)
      .where('ip_version', '=', of.version)
      .where('first', '<=', of.last)
      .where('last', '>=', of.first)
      .limit(1),
);

const update = statement((dialect, { id, ...columns }: SubnetsTable) =>
  dialect.db.updateTable('subnets').set(columns).where('id', '=', id),
);

const remove = statement((dialect, of: { id: string }) =>
  dialect.db.deleteFrom('subnets').where('id', '=', of.id),
);

const aPortIn = statement((dialect, of: { id: string }) =>
  dialect.db.selectFrom('port_addresses').select('port_id').where('subnet_id', '=', of.id).limit(1),
);

interface Arguments extends PageArguments, CommonArguments {
  readonly networkIds: readonly string[] | undefined;
  readonly ipVersion: number | undefined;
  readonly cidrs: readonly string[] | undefined;
  readonly enableDhcp: number | undefined;
  readonly gatewayIps: readonly string[] | undefined;
}
const list = statement((dialect, args: Arguments, form: PageForm<Column>) =>
  pageOf(
    whereAll(dialect.db.selectFrom('subnets').selectAll('subnets'), [
      ...commonConditions('subnets', args),
      ...(args.visibleTo === undefined
        ? []
        : [
            sql<boolean>`(subnets.project_id = ${args.visibleTo} or exists (select 1 from networks as n
              where n.id = subnets.network_id and (n.shared = 1 or n.project_id = ${args.visibleTo})))`,
          ]),
      ...isOneOf(sql.ref('subnets.network_id'), args.networkIds),
      ...equals('subnets.ip_version', args.ipVersion),
      ...isOneOf(sql.ref('subnets.cidr'), args.cidrs),
      ...equals('subnets.enable_dhcp', args.enableDhcp),
      ...isOneOf(sql.ref('subnets.gateway_ip'), args.gatewayIps),
    ]),
    'subnets',
    { at: args, form },
  ),
);

/** Subnets, asked of one session. */
export function subnetQueries(session: Session): SubnetQueries {
  return {
    insert: (subnet) => session.lockingTransaction((tx) => insertSubnet(tx, subnet)),
    async find(id) {
      const [row] = await find(session, { id });
      return row && subnetOf(row);
    },
    list: (filter, page) => listSubnets(session, filter, page),
    update: (seen, patch) => session.lockingTransaction((tx) => updateSubnet(tx, seen, patch)),
    delete: (id) => session.lockingTransaction((tx) => deleteSubnet(tx, id)),
    count: (project) => networkUsage(session, project, 'subnet'),
  };
}

async function insertSubnet(session: Session, subnet: Subnet): Promise<void> {
  const { id, networkId, ipVersion: version, cidr } = subnet;
  if ((await lockNetwork(session, { id: networkId })).length === 0)
    throw new Failure('not-found', `Network ${networkId} could not be found.`, { type: 'NetworkNotFound' });
  const keys = keysOf(subnet);
  const [other] = await overlapping(session, { network: networkId, version, ...keys });
  if (other !== undefined)
    throw new Failure(
      'invalid',
      `Requested subnet with cidr: ${cidr} for network: ${networkId} overlaps with another subnet: ${other.id} (${other.cidr}).`,
      { type: 'InvalidInput' },
    );
  const [made] = await insert(session, rowOfSubnet(subnet, keys));
  if (made === undefined) throw new Failure('conflict', `Subnet ${id} already exists.`);
  await openPools(session, subnet);
  await setTags(session, id, { before: [], after: subnet.tags });
  await changeNetworkUsage(session, subnet.projectId, { resource: 'subnet', by: 1 });
}

function keysOf({ cidr, ipVersion: version }: Subnet): { first: string; last: string } {
  const span = parseCidr(cidr);
  if (span === undefined || span.version !== version)
    throw new Failure('invalid', `'${cidr.slice(0, 64)}' is no CIDR of IP version ${version}.`);
  return {
    first: addressKey({ version, value: span.first }),
    last: addressKey({ version, value: span.last }),
  };
}

async function listSubnets(session: Session, filter: SubnetFilter, page: Page): Promise<Subnet[]> {
  const { at, form } = await planPage<Column>(page, ORDER, (id) => find(session, { id }));
  const { networkIds, ipVersion, cidrs, enableDhcp, gatewayIps } = filter;
  const own = { networkIds, ipVersion, cidrs, enableDhcp: flag(enableDhcp), gatewayIps };
  return (await list(session, { ...at, ...commonArguments(filter), ...own }, form)).map(subnetOf);
}

async function updateSubnet(
  session: Session,
  seen: Parameters<SubnetQueries['update']>[0],
  patch: Partial<Subnet>,
): Promise<Subnet> {
  const touchesAddresses = patch.allocationPools !== undefined || patch.gatewayIp !== undefined;
  const [row] = await (touchesAddresses ? findForDelete : findForChange)(session, { id: seen.id });
  if (row === undefined)
    throw new Failure('not-found', `Subnet ${seen.id} could not be found.`, { type: 'SubnetNotFound' });
  if (row.generation !== seen.generation)
    throw new Failure('conflict', `Subnet ${seen.id} was changed by another request. Try again.`, {
      type: 'StaleRevision',
    });
  const before = subnetOf(row);
  const after: Subnet = { ...before, ...patch, id: before.id, generation: before.generation + 1 };
  const gateway = after.gatewayIp === null ? undefined : parseAddress(after.gatewayIp);
  if (gateway !== undefined && after.gatewayIp !== before.gatewayIp)
    await refuseClaimed(session, after, gateway.value);
  if (patch.allocationPools !== undefined) await reshapePools(session, before, after);
  await update(session, rowOfSubnet(after, { first: row.first, last: row.last }));
  await setTags(session, after.id, { before: before.tags, after: after.tags });
  return after;
}

/** neutron_lib/exceptions SubnetInUse */
async function deleteSubnet(session: Session, id: SubnetId): Promise<boolean> {
  const refuseInUse = async () => {
    const [claim] = await aPortIn(session, { id });
    if (claim !== undefined)
      throw new Failure(
        'conflict',
        `Unable to complete operation on subnet ${id}: One or more ports have an IP allocation from this subnet, port ${claim.port_id} among them.`,
        { type: 'SubnetInUse' },
      );
  };
  await refuseInUse(); // before it locks what claims in the subnet need
  const [row] = await findForDelete(session, { id });
  if (row === undefined) return false;
  await refuseInUse();
  const subnet = subnetOf(row);
  await dropTags(session, id);
  await remove(session, { id });
  await changeNetworkUsage(session, subnet.projectId, { resource: 'subnet', by: -1 });
  return true;
}
