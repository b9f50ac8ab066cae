import type { Bus } from '../bus/bus.ts';
import type { HypervisorDriver } from '../hypervisor/driver.ts';
import type { HostName } from '../model/ids.ts';
import type { Log } from '../model/log.ts';
import type { SerialOption } from '../serial/policy.ts';

/** What an agent is built from. */
export interface AgentParts {
  readonly host: HostName;
  readonly hostIp: string;
  readonly zone: string;
  readonly driver: HypervisorDriver;
  readonly bus: Bus;
  /** `[libvirt] sysinfo_serial` of this host. */
  readonly serialOption: SerialOption;
  readonly machineIdFile: string;
  /** Whether guests that ran before the host went down are to be started again. */
  readonly resumesGuests?: boolean;
  /** Where other agents fetch disks from; 0 takes any free port. */
  readonly diskPort: number;
  /** Milliseconds between two reports. */
  readonly reportIntervalMs: number;
  /** Of Nameplate. */
  readonly version: string;
  readonly ids: { readonly hypervisorId: string; readonly serviceId: string };
  readonly now: () => number;
  readonly log: Log;
}
