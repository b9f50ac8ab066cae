import type { Aggregate } from '../../model/aggregate.ts';
import { Failure } from '../../model/failure.ts';
import { Type } from '../../model/schema.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { RequestContext } from '../http/route.ts';
import { aggregateView } from './aggregate-view.ts';
import { MAX_INT } from './field-schemas.ts';

export const ONE_AGGREGATE = '/os-aggregates/:aggregate_id';
export const AggregateParams = Type.Object({ aggregate_id: Type.String() });

/** The changed fields of an aggregate. */
type AggregatePatch = Partial<Pick<Aggregate, 'name' | 'metadata' | 'hosts'>>;

/** Computes the change of an aggregate, in the transaction that writes it. */
export type AggregateChange = (tx: Queries, aggregate: Aggregate) => Promise<AggregatePatch>;

/** @throws {Failure} `invalid`, `not-found` */
export async function foundAggregate(
  store: Queries,
  { aggregate_id: text }: { aggregate_id: string },
): Promise<Aggregate> {
  if (!/^-?\d+$/.test(text)) throw new Failure('invalid', 'id must be an integer');
  const number = Number(text);
  const aggregate = number <= MAX_INT ? await store.aggregates.find(number) : undefined;
  if (aggregate === undefined) throw new Failure('not-found', `Aggregate ${text} could not be found.`);
  return aggregate;
}

/**
 * Changes an aggregate in one transaction, so that the checks of the change still hold when it is written.
 */
export async function changedAggregate(
  context: RequestContext<{ aggregate_id: string }>,
  change: AggregateChange,
): Promise<object> {
  const { parts, params, version } = context;
  const aggregate = await parts.store.transaction(async (tx) => {
    const seen = await foundAggregate(tx, params);
    return tx.aggregates.update(seen, { ...(await change(tx, seen)), updatedAt: parts.now() });
  });
  parts.caches.hostFacts.forget();
  return { aggregate: aggregateView(aggregate, version) };
}

/** The metadata after a change, in which null removes a key. */
export function changedMetadata(
  { metadata }: Aggregate,
  change: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const all = Object.entries<string | null>({ ...metadata, ...change });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
}
