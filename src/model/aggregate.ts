import type { HostName } from './ids.ts';

/**
 * A named set of hosts with metadata that the scheduler reads (nova/objects/aggregate.py Aggregate). The
 * metadata key `availability_zone` holds its zone. Times are epoch milliseconds.
 */
export interface Aggregate {
  /** The id in the API. */
  readonly number: number;
  readonly uuid: string;
  readonly generation: number;
  readonly name: string;
  readonly hosts: readonly HostName[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly updatedAt: number | null;
}
