import type { Filter } from './filter.ts';

/** Passes hosts with enough vCPUs, memory and disk left, each with its allocation ratio (as Placement's inventories do for Nova). */
export const capacityFilter: Filter = {
  name: 'CapacityFilter',
  refuses({ flavor }, { host, used }, { limits }) {
    const { capacity } = host;
    const wants = [
      {
        what: 'vCPUs',
        asked: flavor.vcpus,
        used: used.cores,
        most: Math.floor(capacity.vcpus * limits.cpuAllocationRatio),
      },
      {
        what: 'MiB of memory',
        asked: flavor.ramMb,
        used: used.ramMb,
        most: Math.floor((capacity.memoryMb - limits.reservedMemoryMb) * limits.ramAllocationRatio),
      },
      {
        what: 'GiB of disk',
        asked: flavor.rootGb + flavor.ephemeralGb,
        used: used.diskGb,
        most: Math.floor((capacity.diskGb - limits.reservedDiskGb) * limits.diskAllocationRatio),
      },
    ];
    const short = wants.find(({ asked, used, most }) => asked > 0 && used + asked > most);
    return short && `${short.asked} ${short.what} are asked for; ${short.used} of ${short.most} are taken.`;
  },
};
