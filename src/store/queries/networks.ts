import { sql } from 'kysely';
import { Failure } from '../../model/failure.ts';
import type { ProjectId } from '../../model/ids.ts';
import type { Network } from '../../model/network/network.ts';
import type { NetworkId } from '../../model/network/network-ids.ts';
import type { NetworkFilter, NetworkQueries } from '../promise/networks.ts';
import type { Page } from '../promise/page.ts';
import type { NetworksTable } from '../sql/network-schema.ts';
import { type PageArguments, type PageForm, pageOf, planPage, type SortColumn } from '../sql/paging.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';
import {
  type CommonArguments,
  commonArguments,
  commonConditions,
  dropTags,
  equals,
  flag,
  setTags,
  whereAll,
} from './network-filter.ts';
import { changeNetworkUsage, networkUsage } from './network-usage.ts';
import { lockForChange, lockForDelete } from './row-locks.ts';
import { lockSubnetsOf } from './subnet-rows.ts';

type Column = Exclude<keyof NetworksTable, 'body'>;

const by = (column: Column, nullable = false): SortColumn<Column> => ({ column, nullable });
const ORDER = {
  keys: {
    id: by('id'),
    name: by('name'),
    project_id: by('project_id'),
    tenant_id: by('project_id'),
    admin_state_up: by('admin_state_up'),
    shared: by('shared'),
    mtu: by('mtu'),
    'provider:physical_network': by('physical_network', true),
    created_at: by('created_at'),
    updated_at: by('updated_at'),
  },
  usual: [{ ...by('id'), direction: 'asc' }],
  last: 'id',
} as const;

const insert = statement((dialect, row: NetworksTable) =>
  dialect.db
    .insertInto('networks')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id'),
);

const find = statement((dialect, of: { id: string }) =>
  dialect.db.selectFrom('networks').selectAll().where('id', '=', of.id),
);

const findForChange = statement((dialect, of: { id: string }) =>
  lockForChange(dialect, dialect.db.selectFrom('networks').selectAll().where('id', '=', of.id)),
);

const findForDelete = statement((dialect, of: { id: string }) =>
  lockForDelete(dialect, dialect.db.selectFrom('networks').selectAll().where('id', '=', of.id)),
);

const onPhysical = statement((dialect, of: { physical: string }) =>
  dialect.db.selectFrom('networks').select('id').where('physical_network', '=', of.physical),
);

const update = statement((dialect, { id, ...columns }: NetworksTable) =>
  dialect.db.updateTable('networks').set(columns).where('id', '=', id),
);

const remove = statement((dialect, of: { id: string }) =>
  dialect.db.deleteFrom('networks').where('id', '=', of.id),
);

const aPortOn = statement((dialect, of: { id: string }) =>
  dialect.db.selectFrom('ports').select('id').where('network_id', '=', of.id).limit(1),
);

interface Arguments extends PageArguments, CommonArguments {
  readonly shared: number | undefined;
  readonly adminStateUp: number | undefined;
}
const list = statement((dialect, args: Arguments, form: PageForm<Column>) =>
  pageOf(
    whereAll(dialect.db.selectFrom('networks').selectAll('networks'), [
      ...commonConditions('networks', args),
      ...(args.visibleTo === undefined
        ? []
        : [sql<boolean>`(networks.shared = 1 or networks.project_id = ${args.visibleTo})`]),
      ...equals('networks.shared', args.shared),
      ...equals('networks.admin_state_up', args.adminStateUp),
    ]),
    'networks',
    { at: args, form },
  ),
);

/** Networks, asked of one session. */
export function networkQueries(session: Session): NetworkQueries {
  return {
    insert: (network) => session.lockingTransaction((tx) => insertNetwork(tx, network)),
    async find(id) {
      const [row] = await find(session, { id });
      return row && networkOf(row);
    },
    list: (filter, page) => listNetworks(session, filter, page),
    update: (seen, patch) => session.lockingTransaction((tx) => updateNetwork(tx, seen, patch)),
    delete: (id) => session.lockingTransaction((tx) => deleteNetwork(tx, id)),
    count: (project) => networkUsage(session, project, 'network'),
  };
}

async function insertNetwork(session: Session, network: Network): Promise<void> {
  const [made] = await insert(session, rowOf(network));
  if (made === undefined) throw await taken(session, network);
  await setTags(session, network.id, { before: [], after: network.tags });
  await changeNetworkUsage(session, network.projectId, { resource: 'network', by: 1 });
}

/** neutron_lib/exceptions FlatNetworkInUse */
async function taken(session: Session, { id, physicalNetwork }: Network): Promise<Failure> {
  const [sameId] = await find(session, { id });
  return sameId === undefined
    ? new Failure(
        'conflict',
        `Unable to create the flat network. Physical network ${physicalNetwork} is in use.`,
        { type: 'FlatNetworkInUse' },
      )
    : new Failure('conflict', `Network ${id} already exists.`);
}

async function listNetworks(session: Session, filter: NetworkFilter, page: Page): Promise<Network[]> {
  const { at, form } = await planPage<Column>(page, ORDER, (id) => find(session, { id }));
  const { shared, adminStateUp } = filter;
  const args = { ...commonArguments(filter), shared: flag(shared), adminStateUp: flag(adminStateUp) };
  return (await list(session, { ...at, ...args }, form)).map(networkOf);
}

async function updateNetwork(
  session: Session,
  seen: Parameters<NetworkQueries['update']>[0],
  patch: Partial<Network>,
): Promise<Network> {
  const [row] = await findForChange(session, { id: seen.id });
  if (row === undefined)
    throw new Failure('not-found', `Network ${seen.id} could not be found.`, { type: 'NetworkNotFound' });
  if (row.generation !== seen.generation)
    throw new Failure('conflict', `Network ${seen.id} was changed by another request. Try again.`, {
      type: 'StaleRevision',
    });
  const before = networkOf(row);
  const after: Network = { ...before, ...patch, id: before.id, generation: before.generation + 1 };
  if (after.physicalNetwork !== null && after.physicalNetwork !== before.physicalNetwork) {
    const holders = await onPhysical(session, { physical: after.physicalNetwork });
    if (holders.length > 0) throw await taken(session, { ...after, id: '' as NetworkId });
  }
  await update(session, rowOf(after));
  await setTags(session, after.id, { before: before.tags, after: after.tags });
  return after;
}

/** neutron_lib/exceptions NetworkInUse */
async function deleteNetwork(session: Session, id: NetworkId): Promise<boolean> {
  const refuseInUse = async () => {
    const [port] = await aPortOn(session, { id });
    if (port !== undefined)
      throw new Failure(
        'conflict',
        `Unable to complete operation on network ${id}. There are one or more ports still in use on the network, port ${port.id} among them.`,
        { type: 'NetworkInUse' },
      );
  };
  await refuseInUse(); // before it locks what claims on the network need
  const subnets = await lockSubnetsOf(session, id); // before the network, as claims do
  const [row] = await findForDelete(session, { id });
  if (row === undefined) return false;
  await refuseInUse();
  for (const subnet of subnets) {
    await dropTags(session, subnet.id);
    await changeNetworkUsage(session, subnet.project_id, { resource: 'subnet', by: -1 });
  }
  const network = networkOf(row);
  await dropTags(session, id);
  await remove(session, { id });
  await changeNetworkUsage(session, network.projectId, { resource: 'network', by: -1 });
  return true;
}

function rowOf(network: Network): NetworksTable {
  const { id, generation, name, mtu, description, kind, dnsDomain, portSecurityEnabled, tags } = network;
  return {
    id,
    generation,
    project_id: network.projectId,
    name,
    shared: Number(network.shared),
    admin_state_up: Number(network.adminStateUp),
    physical_network: network.physicalNetwork,
    mtu,
    created_at: network.createdAt,
    updated_at: network.updatedAt,
    body: JSON.stringify({ description, kind, dnsDomain, portSecurityEnabled, tags }),
  };
}

type Body = Pick<Network, 'description' | 'kind' | 'dnsDomain' | 'portSecurityEnabled' | 'tags'>;

function networkOf(row: NetworksTable): Network {
  const { description, kind, dnsDomain, portSecurityEnabled, tags } = JSON.parse(row.body) as Body;
  return {
    id: row.id as NetworkId,
    generation: row.generation,
    name: row.name,
    description,
    projectId: row.project_id as ProjectId,
    shared: row.shared === 1,
    adminStateUp: row.admin_state_up === 1,
    kind,
    physicalNetwork: row.physical_network,
    mtu: row.mtu,
    dnsDomain,
    portSecurityEnabled,
    tags,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
