import type { Aggregate } from '../../model/aggregate.ts';
import { Failure, type FailureKind } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import { ZONE_KEY, zoneOfAggregate, zonesOf } from '../../model/zone.ts';
import type { Queries } from '../../store/promise/store.ts';
import { pythonRepr } from '../http/python-text.ts';

/** More than the number of servers on any host. */
const ALL = 100_000;

/**
 * The changes of an aggregate, with the text of their refusals: nova/exception.py InvalidAggregateAction and
 * its subclasses.
 */
const REFUSALS = {
  add: { kind: 'conflict', words: 'Cannot add host to aggregate' },
  remove: { kind: 'conflict', words: 'Cannot remove host from aggregate' },
  delete: { kind: 'invalid', words: 'Cannot remove host from aggregate' },
  update: { kind: 'invalid', words: 'Cannot update aggregate' },
  'update metadata': { kind: 'invalid', words: 'Cannot update metadata of aggregate' },
} as const satisfies Record<string, { kind: FailureKind; words: string }>;
export type AggregateChange = keyof typeof REFUSALS;

/** The refusal of a change to an aggregate, with Nova's text. */
export function refusedChange(change: AggregateChange, { number }: Aggregate, reason: string): Failure {
  const { kind, words } = REFUSALS[change];
  return new Failure(kind, `${words} ${number}. Reason: ${reason}.`);
}

/**
 * Refuses metadata whose zone the aggregate's hosts cannot have: an empty zone, a zone beside that of
 * another aggregate, or a zone that would change under existing servers (nova/compute/api.py
 * is_safe_to_update_az).
 * @throws {Failure} `invalid`
 */
export async function requireSafeZone(
  tx: Queries,
  aggregate: Aggregate,
  asked: {
    readonly change: 'update' | 'update metadata';
    readonly metadata: Readonly<Record<string, string | null>>;
  },
): Promise<void> {
  const { change, metadata } = asked;
  if (!Object.hasOwn(metadata, ZONE_KEY)) return;
  const zone = metadata[ZONE_KEY];
  if (!zone)
    throw refusedChange(
      change,
      aggregate,
      `Aggregate ${aggregate.name} does not support empty named availability zone`,
    );
  await requireNoOtherZone(tx, aggregate, { change, zone, hosts: aggregate.hosts });
  if (zone === zoneOfAggregate(aggregate)) return;
  for (const host of aggregate.hosts)
    if ((await serversOn(tx, host)) > 0)
      throw refusedChange(change, aggregate, 'One or more hosts contain instances in this zone');
}

/**
 * Refuses to add or remove a host if its zone would conflict, or would change under existing servers.
 * @throws {Failure} `conflict`
 */
export async function requireSafeHostChange(
  tx: Queries,
  aggregate: Aggregate,
  asked: { readonly change: 'add' | 'remove'; readonly host: HostName },
): Promise<void> {
  const { change, host } = asked;
  const zone = zoneOfAggregate(aggregate);
  if (zone === null) return;
  if (change === 'add') await requireNoOtherZone(tx, aggregate, { change, zone, hosts: [host] });
  const found = await tx.hosts.find(host);
  const known = await tx.aggregates.list();
  const others = known.filter(({ number }) => number !== aggregate.number);
  const there = { ...aggregate, hosts: [host] };
  const zoneAmong = (aggregates: Aggregate[]) => found && zonesOf([found], aggregates).get(host);
  const before = zoneAmong(known);
  const after = zoneAmong(change === 'add' ? [...others, there] : others);
  const count = before === after ? 0 : await serversOn(tx, host);
  if (count > 0)
    throw refusedChange(
      change,
      aggregate,
      `the availability zone of the host would change from '${before}' to '${after}' but the host already has ${count} instance(s); move them away first`,
    );
}

async function requireNoOtherZone(
  tx: Queries,
  aggregate: Aggregate,
  asked: {
    readonly change: AggregateChange;
    readonly zone: string;
    readonly hosts: readonly HostName[];
  },
): Promise<void> {
  const hosts = new Set(asked.hosts);
  const zones = (await tx.aggregates.list())
    .filter((other) => other.number !== aggregate.number && other.hosts.some((host) => hosts.has(host)))
    .map(zoneOfAggregate)
    .filter((zone) => zone !== null && zone !== asked.zone);
  if (zones.length > 0)
    throw refusedChange(
      asked.change,
      aggregate,
      `One or more hosts already in availability zone(s) ${pythonRepr(zones)}`,
    );
}

async function serversOn(tx: Queries, host: HostName): Promise<number> {
  return (await tx.servers.listVersions({ host }, { limit: ALL })).length;
}
