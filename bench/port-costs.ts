import type { Network, Subnet } from '../src/model/network/network.ts';
import type { Port } from '../src/model/network/port.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/promise/store.ts';
import { claimOf, networkWithSubnet, samplePort } from '../test/laws/sample-network.ts';
import { measure, type Place } from './store-place.ts';

const AT_ONCE = 1_000;

/** What a call costs: microseconds. */
export interface StoreCost {
  readonly what: string;
  readonly p50: number;
  readonly p99: number;
}

/** What ports cost in the store on a network that has `rows` of them. */
export async function portCosts(rows: number, makePlace: () => Promise<Place>): Promise<StoreCost[]> {
  const place = await makePlace();
  try {
    const filling = await openStore({ connection: place.connection });
    const { network, subnet } = await networkWithSubnet(filling, {
      cidr: '10.64.0.0/16',
      gatewayIp: '10.64.0.1',
      allocationPools: [{ start: '10.64.0.2', end: '10.64.255.254' }],
    });
    const devices = await fill(filling, network, { subnet, rows });
    await filling.close();
    await place.settle();
    const store = await openStore({ connection: place.connection });
    const costs = await costsOf(store, network, { subnet, device: (n) => devices[(n * 7919) % rows]! });
    await store.close();
    return costs;
  } finally {
    await place.remove();
  }
}

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

async function costsOf(
  store: Store,
  network: Network,
  { subnet, device }: { readonly subnet: Subnet; readonly device: (n: number) => string },
): Promise<StoreCost[]> {
  const page = { limit: 50 };
  const claim = (address?: string) =>
    claimOf(store, network, { subnetId: subnet.id, ...(address !== undefined && { address }) });
  const made: Port[] = [];
  const calls: [what: string, runs: number, work: (n: number) => Promise<unknown>][] = [
    ['ports of a server', 1_000, (n) => store.ports.ofServers([device(n)])],
    ['list by device', 1_000, (n) => store.ports.list({ deviceIds: [device(n)] }, page)],
    ['page of 50 of the network', 300, () => store.ports.list({ networkIds: [network.id] }, page)],
    ['page of 50 of the project', 300, () => store.ports.list({ visibleTo: network.projectId }, page)],
    ['create', 500, async () => made.push(await claim())],
    [
      'create with a chosen address',
      200,
      async (n) => made.push(await claim(`10.64.${200 + Math.floor(n / 200)}.${n % 200}`)),
    ],
    ['delete', 500, () => store.ports.delete(made.shift()!.id)],
  ];
  const costs: StoreCost[] = [];
  for (const [what, runs, work] of calls) costs.push({ what, ...(await measure(runs, work)) });
  return costs;
}
