import type { Network, Subnet } from '../src/model/network/network.ts';
import type { Port } from '../src/model/network/port.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/promise/store.ts';
import { claimOf, networkWithSubnet, samplePort } from '../test/laws/sample-network.ts';
import { measure, type Place, postgresql, sqlite } from './store-place.ts';

/**
 * What ports cost in the store on a network that has many, as JSON lines: `{ what, rows, p50, p99, ratio }`,
 * times in microseconds, the ratio of the p50 to that at the first size.
 * `node bench/store-ports.ts [sqlite|postgresql] [ROWS…]`, by default SQLite, and 100 and 10,000 ports.
 */
const AT_ONCE = 1_000;
const first = new Map<string, number>();

async function fill(store: Store, network: Network, of: { subnet: Subnet; rows: number }): Promise<string[]> {
  const devices: string[] = [];
  for (let begin = 0; begin < of.rows; begin += AT_ONCE)
    await store.lockingTransaction(async (tx) => {
      for (let n = begin; n < Math.min(of.rows, begin + AT_ONCE); n++) {
        const device = { deviceId: `device-${n}`, deviceOwner: 'compute:nova', index: 0 };
        const addresses = [{ subnetId: of.subnet.id }];
        devices.push((await tx.ports.insert(samplePort(network, { ...device, addresses }))).deviceId);
      }
    });
  return devices;
}

async function benchAt(rows: number, makePlace: () => Promise<Place>): Promise<void> {
  const place = await makePlace();
  try {
    let store = await openStore({ connection: place.connection });
    const { network, subnet } = await networkWithSubnet(store, {
      cidr: '10.64.0.0/16',
      gatewayIp: '10.64.0.1',
      allocationPools: [{ start: '10.64.0.2', end: '10.64.255.254' }],
    });
    const devices = await fill(store, network, { subnet, rows });
    await store.close();
    await place.settle();
    store = await openStore({ connection: place.connection });
    const device = (n: number) => devices[(n * 7919) % rows] as string;
    const say = async (what: string, runs: number, work: (n: number) => Promise<unknown>) => {
      const times = await measure(runs, work);
      if (!first.has(what)) first.set(what, times.p50);
      const ratio = Math.round((times.p50 / (first.get(what) as number)) * 100) / 100;
      console.log(JSON.stringify({ what, rows, ...times, ratio }));
    };
    await say('ports of a server', 1_000, (n) => store.ports.ofServers([device(n)]));
    await say('list by device', 1_000, (n) => store.ports.list({ deviceIds: [device(n)] }, { limit: 50 }));
    await say('page of 50 of the network', 300, () =>
      store.ports.list({ networkIds: [network.id] }, { limit: 50 }),
    );
    await say('page of 50 of the project', 300, () =>
      store.ports.list({ visibleTo: network.projectId }, { limit: 50 }),
    );
    const claim = (address?: string) =>
      claimOf(store, network, { subnetId: subnet.id, ...(address !== undefined && { address }) });
    const made: Port[] = [];
    await say('create', 500, async () => made.push(await claim()));
    await say('create with a chosen address', 200, async (n) =>
      made.push(await claim(`10.64.${200 + Math.floor(n / 200)}.${n % 200}`)),
    );
    await say('delete', 500, () => store.ports.delete(made.shift()!.id));
    await store.close();
  } finally {
    await place.remove();
  }
}

const [name, ...rest] = process.argv.slice(2);
const isNamed = name === 'sqlite' || name === 'postgresql';
const sizes = (isNamed ? rest : process.argv.slice(2)).map(Number);
for (const rows of sizes.length > 0 ? sizes : [100, 10_000])
  await benchAt(rows, name === 'postgresql' ? postgresql : sqlite);
