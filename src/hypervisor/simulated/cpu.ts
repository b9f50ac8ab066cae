import { Failure } from '../../model/failure.ts';
import { type GuestCpu, type HostCpu, type RecordedCpu, whyNotGiven } from '../../model/guest-cpu.ts';
import type { MachineIdentity } from '../../model/machine-identity.ts';

/** The CPU of guests on a simulated host: its model, which is its only feature. */
export function simulatedCpu({ model, vendor }: HostCpu): GuestCpu {
  return { mode: 'custom', model, vendor, features: {}, all: model === null ? [] : [model] };
}

/**
 * The CPU of a definition: the one that the guest was first started with where the host holds it.
 * @throws {Failure} `conflict` when this host cannot give it
 */
export function definedCpu(machine: MachineIdentity | null | undefined, host: HostCpu): RecordedCpu {
  const recorded = machine?.cpu;
  if (!host.holds || !recorded?.started)
    return { configured: host.configured, held: host.holds, started: null };
  const why = whyNotGiven(recorded.started, host);
  if (why === undefined) return { ...recorded, held: true };
  throw new Failure(
    'conflict',
    `The compute host cannot give the server the CPU ${recorded.started.model} that it keeps.`,
    { operatorText: `[libvirt] hold_cpu: the host ${why}` },
  );
}
