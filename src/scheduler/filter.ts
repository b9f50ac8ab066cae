import type { Verb } from '../model/command.ts';
import type { FlavorSnapshot } from '../model/flavor.ts';
import type { ComputeHost } from '../model/host.ts';
import type { HostName, ServerId } from '../model/ids.ts';
import type { ImageSnapshot } from '../model/image.ts';
import type { ServerGroup } from '../model/server-group.ts';
import type { AggregateMetadata } from './aggregate-metadata.ts';
import type { SchedulerSettings } from './settings.ts';

/** What a server needs of a host (nova/objects/request_spec.py). */
export interface Wanted {
  readonly serverId: ServerId;
  readonly flavor: FlavorSnapshot;
  readonly image: Pick<ImageSnapshot, 'properties'>;
  /** The availability zone that the user asked for. */
  readonly zone: string | null;
  /** The host that an administrator named. It is checked like any other. */
  readonly host: string | null;
  /** The group that the server is in. */
  readonly group: WantedGroup | null;
  /** Commands that its host must be able to carry out, beyond what every agent can. */
  readonly asks?: readonly Verb[];
  /** For moves: the serial that the guest was last given (null: none at all); undefined for a server that never had a guest. */
  readonly serial: string | null | undefined;
}

/** A server group, with the hosts of its other servers. */
export interface WantedGroup extends Pick<ServerGroup, 'name' | 'policy' | 'maxServerPerHost'> {
  /** How many of the group's other servers each host has, or is about to get; only hosts that have any. */
  readonly others: ReadonlyMap<HostName, number>;
}

/** A host, with what its servers take up. */
export interface Candidate {
  /** With its zone as the aggregates have it. */
  readonly host: ComputeHost;
  readonly used: HostUse;
  /** What the aggregates of the host say. */
  readonly metadata: AggregateMetadata;
}

/** What servers take up on a host. Memory in MiB, disk in GiB. */
export interface HostUse {
  readonly instances: number;
  readonly cores: number;
  readonly ramMb: number;
  readonly diskGb: number;
}

/** What a choice depends on beside the wish and the hosts. */
export interface At {
  readonly settings: SchedulerSettings;
  /** Epoch milliseconds */
  readonly now: number;
}

/** Looks at one host. @returns why it will not do, as a sentence, or undefined when it will */
export type HostTest = (candidate: Candidate) => string | undefined;

/** One reason for refusing hosts. Pure. */
export interface Filter {
  /** Nova's name for it, where Nova has it. */
  readonly name: string;
  /**
   * What the server's owner is told when no host was left but for this filter, as the end of "No compute host that the server may go to …"; absent where
   * that is for operators.
   */
  readonly forOwner?: string;
  /** Whether a rebuild, which stays on its host, asks it again (Nova's RUN_ON_REBUILD). */
  readonly onRebuild: boolean;
  /** Reads the wish, once for all hosts. @returns undefined when the filter has nothing to ask of any host */
  testFor(wanted: Wanted, at: At): HostTest | undefined;
}

/** One reason for preferring hosts. Pure. */
export interface Weigher {
  /** The option with its multiplier, which an aggregate's metadata may name to set another for its hosts. */
  readonly option: `${string}_weight_multiplier`;
  /** @returns what one host weighs, in any unit: the more, the better; undefined when all weigh the same */
  weightFor(wanted: Wanted): ((candidate: Candidate) => number) | undefined;
}
