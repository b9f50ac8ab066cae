import type { Verb } from '../model/command.ts';
import type { FlavorSnapshot } from '../model/flavor.ts';
import type { GivenIdentity } from '../model/given-identity.ts';
import type { ComputeHost } from '../model/host.ts';
import type { HostName, ServerId } from '../model/ids.ts';
import type { ImageSnapshot } from '../model/image.ts';
import type { MachineIdentity } from '../model/machine-identity.ts';
import type { Network } from '../model/network/network.ts';
import type { ServerGroup } from '../model/server-group.ts';
import type { AggregateMetadata } from './aggregate-metadata.ts';
import type { SchedulerSettings } from './settings.ts';

/** What a server requires of a host (nova/objects/request_spec.py RequestSpec). */
export interface HostRequirements {
  readonly serverId: ServerId;
  readonly flavor: FlavorSnapshot;
  readonly image: Pick<ImageSnapshot, 'properties'>;
  /** What the server was first defined as; null or absent: it was not yet. */
  readonly machine?: MachineIdentity | null;
  /** What the server was imported with; null: it was not. */
  readonly given?: GivenIdentity | null;
  /** The requested availability zone. */
  readonly zone: string | null;
  /** The host requested by an administrator. It is checked like any other. */
  readonly host: string | null;
  /** The server's group. */
  readonly group: WantedGroup | null;
  /** Commands that its host must be able to carry out, beyond what every agent can. */
  readonly asks?: readonly Verb[];
  /** For moves: the guest's current serial (null: none); undefined for a server that never had a guest. */
  readonly serial: string | null | undefined;
  /** The networks of its ports. */
  readonly networks?: readonly WantedNetwork[];
}

/** A network that a host must have. */
export interface WantedNetwork extends Pick<Network, 'name' | 'kind' | 'physicalNetwork'> {
  /** A port there has port security: the host must be able to filter it. */
  readonly filtered: boolean;
}

/** A server group, with the hosts of its other servers. */
export interface WantedGroup extends Pick<ServerGroup, 'name' | 'policy' | 'maxServerPerHost'> {
  /** Number of other servers of the group, by host, those being placed included; only hosts that have any. */
  readonly others: ReadonlyMap<HostName, number>;
}

/** A host with the resources that its servers use. */
export interface Candidate {
  /** The host, with the zone of its aggregates. */
  readonly host: ComputeHost;
  readonly used: HostUse;
  /** Merged metadata of the host's aggregates. */
  readonly metadata: AggregateMetadata;
}

/** Resources used by servers on a host. Memory in MiB, disk in GiB. */
export interface HostUse {
  readonly instances: number;
  readonly cores: number;
  readonly ramMb: number;
  readonly diskGb: number;
}

/** Inputs of a choice beside the request and the hosts. */
export interface At {
  readonly settings: SchedulerSettings;
  /** Epoch milliseconds */
  readonly now: number;
}

/**
 * Tests one host.
 * @returns why it is refused, as a sentence, or undefined when it passes
 */
export type HostTest = (candidate: Candidate) => string | undefined;

/** One reason for refusing hosts. Pure. */
export interface Filter {
  /** Nova's name of the filter, where Nova has it. */
  readonly name: string;
  /**
   * Text for the server's owner when this filter alone refused the remaining hosts; completes "No compute
   * host that the server may go to …". Absent where only operators may know.
   */
  readonly forOwner?: string;
  /** Whether the filter runs on rebuild, where the server stays on its host (Nova's RUN_ON_REBUILD). */
  readonly onRebuild: boolean;
  /**
   * Prepares the test of one request for all hosts.
   * @returns undefined when the filter does not apply
   */
  testFor(wanted: HostRequirements, at: At): HostTest | undefined;
}

/** One reason for preferring hosts. Pure. */
export interface Weigher {
  /** The option with its multiplier. An aggregate's metadata with this key overrides it for its hosts. */
  readonly option: `${string}_weight_multiplier`;
  /**
   * @returns a function that gives a host's weight in any unit, more being better; undefined when all weigh
   *   the same
   */
  weightFor(wanted: HostRequirements): ((candidate: Candidate) => number) | undefined;
}
