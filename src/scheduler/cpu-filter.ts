import { whyNotGiven } from '../model/guest-cpu.ts';
import type { Filter } from './filter.ts';

/**
 * Passes hosts that can give the server the CPU that it keeps, where their `[libvirt] hold_cpu` asks for it.
 * A host that does not report its CPU passes.
 */
export const cpuFilter: Filter = {
  name: 'CpuFilter',
  onRebuild: false,
  forOwner: 'can give the server the CPU that it keeps',
  testFor({ machine }) {
    const cpu = machine?.cpu?.started ?? null;
    if (cpu === null) return undefined;
    return ({ host: { guestCpu } }) => {
      const why = guestCpu?.holds === true ? whyNotGiven(cpu, guestCpu) : undefined;
      return (
        why && `The server keeps its CPU ${cpu.model ?? cpu.mode} ([libvirt] hold_cpu); the host ${why}.`
      );
    };
  },
};
