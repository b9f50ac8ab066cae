import type { HostName, ServerId } from '../src/model/ids.ts';
import { metadataOfHosts, NO_METADATA } from '../src/scheduler/aggregate-metadata.ts';
import { chooseHost } from '../src/scheduler/choose-host.ts';
import type { Candidate, HostRequirements } from '../src/scheduler/filter.ts';
import { candidate, NOW, WANTED, withExtraSpecs } from '../test/lab/candidates.ts';
import { USUAL_SCHEDULING } from '../test/lab/scheduling.ts';

/**
 * What choosing one host among many costs, as JSON lines: `{ what, hosts, p50, p99 }`, times in milliseconds.
 * All filters are asked; half of the hosts are in one aggregate or another; one host in fifty is refused.
 * `node bench/scheduler.ts [HOSTS…]`, by default 1,000 and 10,000.
 */
const RUNS = 200;

function hostsOf(count: number): Candidate[] {
  const names = Array.from({ length: count }, (_, n) => `host-${String(n).padStart(5, '0')}` as HostName);
  const aggregates = [0, 1, 2, 3].map((number) => ({
    number,
    hosts: names.filter((_, n) => n % 8 === number),
    metadata: { tier: ['gold', 'silver', 'tin', 'lead'][number] as string, hw_unique_serial: 'True' },
  }));
  const metadata = metadataOfHosts(aggregates);
  return names.map((name, n) => ({
    ...candidate(
      name,
      {
        status: n % 50 === 7 ? 'disabled' : 'enabled',
        capacity: { vcpus: 64, memoryMb: 262_144, diskGb: 4_000 },
        serialOption: 'os',
        machineId: { state: 'read', file: '/etc/machine-id', text: n.toString(16).padStart(32, '0') },
      },
      { used: { instances: n % 17, cores: n % 33, ramMb: (n * 7919) % 200_000, diskGb: n % 999 } },
    ),
    metadata: metadata.get(name) ?? NO_METADATA,
  }));
}

const others = new Map(Array.from({ length: 8 }, (_, n) => [`host-0000${n}` as HostName, 1]));
const group = { name: 'g', policy: 'anti-affinity', maxServerPerHost: null, others } as const;
const WISHES: Readonly<Record<string, Partial<HostRequirements>>> = {
  'a server of which nothing is said': {},
  'its own serial, by flavor and image': {
    ...withExtraSpecs({ 'hw:unique_serial': 'true' }),
    image: { properties: { hw_unique_serial: 'true', hw_architecture: 'x86_64', img_hv_type: 'qemu' } },
  },
  'extra specs, a group and a move': {
    ...withExtraSpecs({ tier: '<or> gold <or> silver', 'capabilities:free_ram_mb': '>= 4096' }),
    group,
    serial: '00000000-0000-0000-0000-00000000002a',
  },
  'no host will do': { zone: 'nowhere' },
};

for (const count of process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1_000, 10_000]) {
  const candidates = hostsOf(count);
  for (const [what, wish] of Object.entries(WISHES)) {
    const times: number[] = [];
    for (let run = -RUNS / 4; run < RUNS; run++) {
      const wanted = { ...WANTED, ...wish, serverId: `server-${run}` as ServerId };
      const began = performance.now();
      chooseHost(wanted, { candidates, settings: USUAL_SCHEDULING, now: NOW });
      if (run >= 0) times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    const at = (part: number) => Number((times[Math.floor(times.length * part)] as number).toFixed(3));
    console.log(JSON.stringify({ what, hosts: count, p50: at(0.5), p99: at(0.99) }));
  }
}
