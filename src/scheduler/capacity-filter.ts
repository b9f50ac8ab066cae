import type { Filter } from './filter.ts';

const MIB_PER_GIB = 1024;

/**
 * Passes hosts with enough vCPUs, memory and disk left, each with its allocation ratio, as Placement's
 * inventories do for Nova. Swap is disk too, in whole GiB (nova/scheduler/utils.py resources_from_flavor).
 */
export const capacityFilter: Filter = {
  name: 'CapacityFilter',
  onRebuild: false,
  testFor({ flavor }, { settings }) {
    const diskGb = flavor.rootGb + flavor.ephemeralGb + Math.ceil(flavor.swapMb / MIB_PER_GIB);
    return ({ host: { capacity }, used }) => {
      const cores = Math.floor(capacity.vcpus * settings.cpuAllocationRatio);
      if (lacks(flavor.vcpus, used.cores, cores)) return short(flavor.vcpus, 'vCPUs', [used.cores, cores]);
      const ramMb = Math.floor((capacity.memoryMb - settings.reservedMemoryMb) * settings.ramAllocationRatio);
      if (lacks(flavor.ramMb, used.ramMb, ramMb))
        return short(flavor.ramMb, 'MiB of memory', [used.ramMb, ramMb]);
      const disk = Math.floor((capacity.diskGb - settings.reservedDiskGb) * settings.diskAllocationRatio);
      if (lacks(diskGb, used.diskGb, disk)) return short(diskGb, 'GiB of disk', [used.diskGb, disk]);
      return undefined;
    };
  },
};

function lacks(asked: number, used: number, most: number): boolean {
  return asked > 0 && used + asked > most;
}

function short(asked: number, what: string, [used, most]: readonly [number, number]): string {
  return `${asked} ${what} are asked for; ${used} of ${most} are taken.`;
}
