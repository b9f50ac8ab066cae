import type { Bus } from '../bus/bus.ts';
import type { HypervisorDriver } from '../hypervisor/driver.ts';
import type { HostName } from '../model/ids.ts';
import type { Log } from '../model/log.ts';
import type { NetworkBackend } from '../network/backend.ts';
import type { SerialOption } from '../serial/policy.ts';

/** The parts and options of an agent. */
export interface AgentParts {
  readonly host: HostName;
  readonly hostIp: string;
  readonly zone: string;
  readonly driver: HypervisorDriver;
  readonly network: NetworkBackend;
  readonly bus: Bus;
  /** `[libvirt] sysinfo_serial` of this host. */
  readonly serialOption: SerialOption;
  readonly machineIdFile: string;
  /** Whether to start guests again that ran before the host went down. */
  readonly resumesGuests?: boolean;
  /** The port from which other agents fetch disks; 0 for any free port. */
  readonly diskPort: number;
  /** Milliseconds between two reports. */
  readonly reportIntervalMs: number;
  /** The release of Nameplate. */
  readonly version: string;
  readonly ids: { readonly hypervisorId: string; readonly serviceId: string };
  readonly now: () => number;
  readonly log: Log;
}
