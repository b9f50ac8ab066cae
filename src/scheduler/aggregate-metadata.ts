import type { Aggregate } from '../model/aggregate.ts';
import type { HostName } from '../model/ids.ts';

/** The merged metadata of one host's aggregates: all values of each key. */
export type AggregateMetadata = ReadonlyMap<string, ReadonlySet<string>>;

/** For hosts without an aggregate. */
export const NO_METADATA: AggregateMetadata = new Map();

/**
 * Metadata of each host in an aggregate: the values of all its aggregates, split at commas
 * (nova/scheduler/filters/utils.py aggregate_metadata_get_by_host). Hosts of the same aggregates share one
 * object.
 */
export function metadataOfHosts(
  aggregates: readonly Pick<Aggregate, 'number' | 'hosts' | 'metadata'>[],
): ReadonlyMap<HostName, AggregateMetadata> {
  const aggregatesOf = new Map<HostName, (typeof aggregates)[number][]>();
  for (const aggregate of aggregates)
    for (const host of aggregate.hosts) {
      const known = aggregatesOf.get(host);
      if (known === undefined) aggregatesOf.set(host, [aggregate]);
      else known.push(aggregate);
    }
  const made = new Map<string, AggregateMetadata>();
  const metadata = new Map<HostName, AggregateMetadata>();
  for (const [host, of] of aggregatesOf) {
    const key = of.map(({ number }) => number).join();
    const shared = made.get(key) ?? merged(of);
    made.set(key, shared);
    metadata.set(host, shared);
  }
  return metadata;
}

function merged(aggregates: readonly Pick<Aggregate, 'metadata'>[]): AggregateMetadata {
  const all = new Map<string, Set<string>>();
  for (const { metadata } of aggregates)
    for (const [key, text] of Object.entries(metadata)) {
      const values = all.get(key) ?? new Set();
      for (const value of text.split(',')) values.add(value.trim());
      all.set(key, values);
    }
  return all;
}

/** Computes a result once for all hosts that share their metadata. */
export function perMetadata<Answer>(
  ask: (metadata: AggregateMetadata) => Answer,
): (metadata: AggregateMetadata) => Answer {
  const known = new Map<AggregateMetadata, { readonly answer: Answer }>();
  return (metadata) => {
    const answered = known.get(metadata) ?? { answer: ask(metadata) };
    known.set(metadata, answered);
    return answered.answer;
  };
}

/** Values for an error text: `'a'`, `'a' and 'b'`. */
export function listValues(values: Iterable<string>): string {
  return [...values].map((value) => `'${value}'`).join(' and ');
}
