import type { Aggregate } from '../../model/aggregate.ts';
import type { HostReport } from '../../model/command.ts';
import type { ComputeHost, SharedIdentity } from '../../model/host.ts';
import type { HostName } from '../../model/ids.ts';

export interface HostQueries {
  /** Adds or renews what the host's agent says; keeps number, ids, status, reason, forcedDown. */
  report(host: HostReport): Promise<ComputeHost>;
  find(name: HostName): Promise<ComputeHost | undefined>;
  list(): Promise<ComputeHost[]>;
  setStatus(
    name: HostName,
    status: Pick<ComputeHost, 'status' | 'disabledReason' | 'forcedDown'>,
  ): Promise<ComputeHost>;
  /** @returns whether it was there. Its servers, aggregates and credentials stay as they are. */
  remove(name: HostName): Promise<boolean>;
  /** Identities that more than one host reports; with `of`, only those that this host is among. */
  sharedIdentities(of?: HostName): Promise<SharedIdentity[]>;
}

export interface AggregateQueries {
  /** @throws {Failure} `conflict` `Aggregate x already exists.` */
  insert(aggregate: Omit<Aggregate, 'number'>): Promise<Aggregate>;
  find(number: number): Promise<Aggregate | undefined>;
  /** By number. */
  list(): Promise<Aggregate[]>;
  /** @throws {Failure} `conflict` on an old generation, or a name that is taken */
  update(
    seen: Pick<Aggregate, 'number' | 'generation'>,
    patch: Partial<Pick<Aggregate, 'name' | 'metadata' | 'hosts' | 'updatedAt'>>,
  ): Promise<Aggregate>;
  delete(number: number): Promise<boolean>;
  /** Those that the host is in, by number. */
  ofHost(host: HostName): Promise<Aggregate[]>;
}
