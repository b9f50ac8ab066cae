import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Port } from '../../model/network/port.ts';
import type { PortFilter } from '../promise/networks.ts';
import type { Page } from '../promise/page.ts';
import type { PortsTable } from '../sql/network-schema.ts';
import { type PageArguments, type PageForm, pageOf, planPage, type SortColumn } from '../sql/paging.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';
import {
  type CommonArguments,
  commonArguments,
  commonConditions,
  equals,
  flag,
  isOneOf,
  whereAll,
} from './network-filter.ts';
import { portOf } from './port-row.ts';

type Column = Exclude<keyof PortsTable, 'body'>;

const by = (column: Column, nullable = false): SortColumn<Column> => ({ column, nullable });
const ORDER = {
  keys: {
    id: by('id'),
    name: by('name'),
    network_id: by('network_id'),
    project_id: by('project_id'),
    tenant_id: by('project_id'),
    admin_state_up: by('admin_state_up'),
    mac_address: by('mac'),
    device_id: by('device_id'),
    device_owner: by('device_owner'),
    'binding:host_id': by('host', true),
    status: by('status'),
    created_at: by('created_at'),
    updated_at: by('updated_at'),
  },
  usual: [{ ...by('id'), direction: 'asc' }],
  last: 'id',
} as const;

interface Arguments extends PageArguments, CommonArguments {
  readonly networkIds: readonly string[] | undefined;
  readonly deviceIds: readonly string[] | undefined;
  readonly deviceOwners: readonly string[] | undefined;
  readonly macs: readonly string[] | undefined;
  readonly statuses: readonly string[] | undefined;
  readonly adminStateUp: number | undefined;
  readonly securityGroupIds: readonly string[] | undefined;
  /** Of the pairs that name one, in their order. */
  readonly subnetIds: readonly string[];
  readonly addresses: readonly string[];
}

interface Form extends PageForm<Column> {
  /** What each pair of `PortFilter.fixedIps` names; undefined: the ports' addresses do not matter. */
  readonly fixedIps: readonly { readonly subnet: boolean; readonly address: boolean }[] | undefined;
}

const list = statement((dialect, args: Arguments, form: Form) =>
  pageOf(
    whereAll(dialect.db.selectFrom('ports').selectAll('ports'), [
      ...commonConditions('ports', args),
      ...(args.visibleTo === undefined
        ? []
        : [
            sql<SqlBool>`(ports.project_id = ${args.visibleTo} or exists (select 1 from networks as n
              where n.id = ports.network_id and n.project_id = ${args.visibleTo}))`,
          ]),
      ...isOneOf(sql.ref('ports.network_id'), args.networkIds),
      ...isOneOf(sql.ref('ports.device_id'), args.deviceIds),
      ...isOneOf(sql.ref('ports.device_owner'), args.deviceOwners),
      ...isOneOf(sql.ref('ports.mac'), args.macs),
      ...isOneOf(sql.ref('ports.status'), args.statuses),
      ...equals('ports.admin_state_up', args.adminStateUp),
      ...inGroups(args.securityGroupIds),
      ...withAddresses(args, form.fixedIps),
    ]),
    'ports',
    { at: args, form },
  ),
);

const markerRow = statement((dialect, of: { id: string }) =>
  dialect.db.selectFrom('ports').selectAll().where('id', '=', of.id),
);

/** @throws {Failure} `invalid` on an unknown marker or sort key */
export async function listPorts(session: Session, filter: PortFilter, page: Page): Promise<Port[]> {
  const { at, form } = await planPage<Column>(page, ORDER, (id) => markerRow(session, { id }));
  const { networkIds, deviceIds, deviceOwners, macs, statuses, securityGroupIds } = filter;
  const pairs = filter.fixedIps;
  const args: Arguments = {
    ...at,
    ...commonArguments(filter),
    ...{ networkIds, deviceIds, deviceOwners, macs, statuses, securityGroupIds },
    adminStateUp: flag(filter.adminStateUp),
    subnetIds: (pairs ?? []).flatMap(({ subnetId }) => subnetId ?? []),
    addresses: (pairs ?? []).flatMap(({ address }) => address ?? []),
  };
  const fixedIps = pairs?.map(({ subnetId, address }) => ({
    subnet: subnetId !== undefined,
    address: address !== undefined,
  }));
  return (await list(session, args, { ...form, fixedIps })).map(portOf);
}

function inGroups(groups: readonly string[] | undefined): RawBuilder<SqlBool>[] {
  if (groups === undefined) return [];
  const named = sql.join(
    [sql<SqlBool>`g.port_id = ports.id`, ...isOneOf(sql.ref('g.group_id'), groups)],
    sql` and `,
  );
  return [sql<SqlBool>`exists (select 1 from port_security_groups as g where ${named})`];
}

function withAddresses({ subnetIds, addresses }: Arguments, pairs: Form['fixedIps']): RawBuilder<SqlBool>[] {
  if (pairs === undefined) return [];
  const [subnet, address] = [subnetIds.values(), addresses.values()];
  const each = pairs.map((pair) => {
    const parts = [sql`a.port_id = ports.id`];
    if (pair.subnet) parts.push(sql`a.subnet_id = ${subnet.next().value}`);
    if (pair.address) parts.push(sql`a.address = ${address.next().value}`);
    return sql`exists (select 1 from port_addresses as a where ${sql.join(parts, sql` and `)})`;
  });
  return [each.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`(${sql.join(each, sql` or `)})`];
}
