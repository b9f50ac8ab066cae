import { type Static, type TSchema, Type } from 'typebox';
import type { Aggregate } from '../../model/aggregate.ts';
import { Failure } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import { ZONE_KEY } from '../../model/zone.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { Ask } from '../http/route.ts';
import { bodyCheck, type Check } from '../http/validation.ts';
import { reachOfRequest } from '../http/visit.ts';
import { requireSafeHostChange, requireSafeZone } from './aggregate-zones.ts';
import { FqdnWord, ZoneNameWord } from './words.ts';

/** What a change of an aggregate leaves of it. */
export type AggregatePatch = Partial<Pick<Aggregate, 'name' | 'metadata' | 'hosts'>>;

interface AggregateAction {
  readonly check: Check;
  change(tx: Queries, aggregate: Aggregate, wish: unknown): Promise<AggregatePatch>;
}

const closed = { additionalProperties: false } as const;
const Host = Type.Object({ host: FqdnWord }, closed);
const Metadata = Type.Object(
  {
    metadata: Type.Unsafe<Record<string, string | null>>({
      type: 'object',
      maxProperties: 256,
      properties: { [ZONE_KEY]: { anyOf: [ZoneNameWord, { type: 'null' }, { const: '' }] } },
      patternProperties: { '^[a-zA-Z0-9\\-_:. ]{1,255}$': { type: ['string', 'null'], maxLength: 255 } },
      additionalProperties: false,
    }),
  },
  closed,
);

function action<S extends TSchema>(
  key: string,
  schema: S,
  change: (tx: Queries, aggregate: Aggregate, wish: Static<S>) => Promise<AggregatePatch>,
): [string, AggregateAction] {
  const check = bodyCheck(Type.Object({ [key]: schema }, closed));
  return [key, { check, change: change as AggregateAction['change'] }];
}

/** https://docs.openstack.org/api-ref/compute/#host-aggregates-os-aggregates */
const ACTIONS: ReadonlyMap<string, AggregateAction> = new Map([
  action('add_host', Host, async (tx, aggregate, wish) => {
    const host = wish.host as HostName;
    if ((await tx.hosts.find(host)) === undefined)
      throw new Failure('not-found', `Host '${host}' is not mapped to any cell`);
    if (aggregate.hosts.includes(host))
      throw new Failure('conflict', `Aggregate ${aggregate.number} already has host ${host}.`);
    await requireSafeHostChange(tx, aggregate, { change: 'add', host });
    return { hosts: [...aggregate.hosts, host] };
  }),
  action('remove_host', Host, async (tx, aggregate, wish) => {
    const host = wish.host as HostName;
    if (!aggregate.hosts.includes(host))
      throw new Failure('not-found', `Cannot remove host ${host} in aggregate ${aggregate.number}`);
    await requireSafeHostChange(tx, aggregate, { change: 'remove', host });
    return { hosts: aggregate.hosts.filter((name) => name !== host) };
  }),
  action('set_metadata', Metadata, async (tx, aggregate, { metadata }) => {
    await requireSafeZone(tx, aggregate, { change: 'update metadata', metadata });
    return { metadata: changedMetadata(aggregate, metadata) };
  }),
]);

/** Metadata after a change: null takes a key away. */
export function changedMetadata(
  { metadata }: Aggregate,
  change: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const all = Object.entries<string | null>({ ...metadata, ...change });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
}

/**
 * What the body's one key asks to be done to an aggregate.
 * @throws {Failure} `invalid` for a body that has not one known key
 */
export function aggregateActionOf(ask: Ask): (tx: Queries, aggregate: Aggregate) => Promise<AggregatePatch> {
  const { body } = ask;
  const keys = body !== null && typeof body === 'object' && !Array.isArray(body) ? Object.keys(body) : [];
  const [key] = keys;
  if (key === undefined || keys.length > 1) throw new Failure('invalid', 'Malformed request body');
  const action = ACTIONS.get(key);
  if (action === undefined) throw new Failure('invalid', `There is no such action: ${key.slice(0, 255)}`);
  const checked = action.check(body, { dropUnknown: reachOfRequest(ask.request).legacy });
  return (tx, aggregate) => action.change(tx, aggregate, (checked as Record<string, unknown>)[key]);
}
