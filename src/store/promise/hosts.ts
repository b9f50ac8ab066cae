import type { Aggregate } from '../../model/aggregate.ts';
import type { HostReport } from '../../model/command.ts';
import type { ComputeHost, SharedIdentity } from '../../model/host.ts';
import type { HostName } from '../../model/ids.ts';

export interface HostQueries {
  /**
   * Stores the report of the host's agent. Number, ids, status, reason and forcedDown of a known host stay
   * unchanged.
   */
  report(host: HostReport): Promise<ComputeHost>;
  find(name: HostName): Promise<ComputeHost | undefined>;
  list(): Promise<ComputeHost[]>;
  setStatus(
    name: HostName,
    status: Pick<ComputeHost, 'status' | 'disabledReason' | 'forcedDown'>,
  ): Promise<ComputeHost>;
  /** @returns whether the host existed. Its servers, aggregates and credentials stay unchanged. */
  remove(name: HostName): Promise<boolean>;
  /** Identities that more than one host reports. With `of`, only identities that this host reports too. */
  sharedIdentities(of?: HostName): Promise<SharedIdentity[]>;
}

export interface AggregateQueries {
  /** @throws {Failure} `conflict` `Aggregate x already exists.` */
  insert(aggregate: Omit<Aggregate, 'number'>): Promise<Aggregate>;
  find(number: number): Promise<Aggregate | undefined>;
  /** By number. */
  list(): Promise<Aggregate[]>;
  /** @throws {Failure} `conflict` on an old generation, or a used name */
  update(
    seen: Pick<Aggregate, 'number' | 'generation'>,
    patch: Partial<Pick<Aggregate, 'name' | 'metadata' | 'hosts' | 'updatedAt'>>,
  ): Promise<Aggregate>;
  delete(number: number): Promise<boolean>;
  /** The aggregates of a host, by number. */
  ofHost(host: HostName): Promise<Aggregate[]>;
}
