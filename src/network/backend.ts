import type { OperationId, ServerId } from '../model/ids.ts';
import type { Attachment } from '../model/network/attachment.ts';
import type { GuestPort } from '../model/network/guest-port.ts';
import type { NetworkAbilities } from '../model/network/network-abilities.ts';
import type { PortId } from '../model/network/network-ids.ts';

/** A port that a host holds something for: a DHCP entry, a filter, its place on a network. */
export interface PluggedPort {
  readonly id: PortId;
  readonly server: ServerId;
  /** The operation that had it plugged first; null for none. Undone, it leaves the host without it again. */
  readonly operation: OperationId | null;
}

/**
 * The networks of one host: DHCP, NAT and filters. One law suite (`test/laws/network.ts`) runs against each
 * implementation. A backend for another network engine (OVN) implements the same.
 *
 * Every method is idempotent. Each throws `Failure`: `unavailable` when the host's network service did not
 * answer, `invalid` when the host cannot give the port what it needs.
 */
export interface NetworkBackend {
  abilities(): Promise<NetworkAbilities>;
  /**
   * Prepares a port of a server on this host: its network, its DHCP entry, its filter. Called before each
   * definition and migration to this host, and again when the port's addresses or rules change: a running
   * guest follows at once.
   * @param operation remembered of a port that was not plugged
   */
  plug(server: ServerId, port: GuestPort, operation?: OperationId): Promise<Attachment>;
  /** Removes all that `plug` made for the port. The guest does not use it any more. */
  unplug(port: PortId): Promise<void>;
  /** The ports that this host holds something for. */
  ports(): Promise<readonly PluggedPort[]>;
  close(): Promise<void>;
}
