import type { HostName } from './ids.ts';

/**
 * A named set of hosts with metadata that schedulers read (nova/objects/aggregate.py Aggregate). Its zone is
 * the metadata key `availability_zone`. Times are epoch milliseconds.
 */
export interface Aggregate {
  /** Its id in the API. */
  readonly number: number;
  readonly uuid: string;
  readonly generation: number;
  readonly name: string;
  readonly hosts: readonly HostName[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly updatedAt: number | null;
}
