import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import type { FailureKind } from '../../src/model/failure.ts';
import type { Network, Subnet } from '../../src/model/network/network.ts';
import type { MacAddress } from '../../src/model/network/network-ids.ts';
import type { Port } from '../../src/model/network/port.ts';
import type { Queries, Store } from '../../src/store/promise/store.ts';
import {
  addressOf,
  claimOf,
  drain,
  networkWithSubnet,
  sampleGroup,
  samplePort,
  sampleSubnet,
} from './sample-network.ts';

/** Claims in one race, of which so many are under way at once. */
const CLAIMS = process.env.NAMEPLATE_LONG === '1' ? 10_000 : 600;
const AT_ONCE = 40;
/** Serializable transactions meet each other at the sums of a project: fewer of them. */
const SERIALIZABLE_CLAIMS = CLAIMS / 10;

type Stores = () => readonly Store[];

/** What holds in the network tables when many write at once, over one store or several of one database. */
export function storeNetworkRaceLaws(stores: Stores): void {
  racesOfClaims(stores);
  racesForOneThing(stores);
  racesWithDeletes(stores);
}

function racesOfClaims(stores: Stores): void {
  for (const kind of ['lockingTransaction', 'transaction', 'both'] as const) {
    const count = kind === 'lockingTransaction' ? CLAIMS : SERIALIZABLE_CLAIMS;
    it(`gives each of ${count} racing claims an address and a MAC of its own: ${kind}`, async () => {
      const [store] = stores() as [Store];
      const { network, subnet } = await networkWithSubnet(store, {
        cidr: '10.64.0.0/16',
        allocationPools: [{ start: '10.64.0.10', end: '10.64.255.250' }],
      });
      const isLocking = (n: number) => (kind === 'both' ? n % 2 === 0 : kind === 'lockingTransaction');
      const inTransaction = <T>(n: number, work: (tx: Queries) => Promise<T>) =>
        pick(stores(), n)[isLocking(n) ? 'lockingTransaction' : 'transaction'](work);
      const ports = await racing(count, (n) =>
        inTransaction(n, (tx) => claimOf(tx, network, { subnetId: subnet.id })),
      );
      assertUnique(ports, count);
      await racing(count, (n) => inTransaction(n, (tx) => tx.ports.delete(ports[n]!.id)));
      assert.equal(await store.ports.count(network.projectId), 0);
      assert.equal(await store.subnets.delete(subnet.id), true);
    });
  }

  it('gives the last addresses of a pool to as many claims, chosen, left to it, and given back', async () => {
    const [store] = stores() as [Store];
    const { network, subnet } = await networkWithSubnet(store);
    const ends = await Promise.allSettled(
      Array.from({ length: 60 }, async (_, n) => {
        const chosen = n % 3 === 0 ? { address: `10.0.0.${10 + (n % 10)}` } : {};
        const port = await claimOf(pick(stores(), n), network, { subnetId: subnet.id, ...chosen });
        if (n % 5 === 0) await pick(stores(), n + 1).ports.delete(port.id);
      }),
    );
    allConflicts(ends);
    await assertWhole(store, network, subnet);
  });
}

function racesForOneThing(stores: Stores): void {
  it('gives a chosen address to one of many, in the pool and beside it', async () => {
    const { network, subnet } = await networkWithSubnet(pick(stores(), 0));
    for (const address of ['10.0.0.14', '10.0.0.10', '10.0.0.99']) {
      const ends = await Promise.allSettled(
        Array.from({ length: 12 }, (_, n) =>
          claimOf(pick(stores(), n), network, { subnetId: subnet.id, address }),
        ),
      );
      const [holder, ...others] = landed(ends);
      assert.deepEqual(others, []);
      for (const end of allConflicts(ends)) assert.ok(end.message.includes(holder!.id), end.message);
    }
    await assertWhole(pick(stores(), 0), network, subnet);
  });

  it('gives a chosen MAC to one of many', async () => {
    const { network } = await networkWithSubnet(pick(stores(), 0));
    const mac = `02:${randomUUID().slice(0, 8).match(/../g)?.join(':')}:01` as MacAddress;
    const ends = await Promise.allSettled(
      Array.from({ length: 12 }, (_, n) => pick(stores(), n).ports.insert(samplePort(network, { mac }))),
    );
    const [holder, ...others] = landed(ends);
    assert.deepEqual(others, []);
    for (const end of allConflicts(ends)) assert.ok(end.message.includes(holder!.id), end.message);
  });

  it('makes one of many subnets that overlap', async () => {
    const { network } = await networkWithSubnet(pick(stores(), 0));
    const ends = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) =>
        pick(stores(), n).subnets.insert(
          sampleSubnet(network, { cidr: `10.9.${n}.0/16`, gatewayIp: null, allocationPools: [] }),
        ),
      ),
    );
    assert.equal(landed(ends).length, 1);
    for (const end of ends)
      if (end.status === 'rejected') assert.equal(end.reason.kind, 'invalid', String(end.reason));
  });

  for (const kind of ['lockingTransaction', 'transaction'] as const)
    it(`lets no two that count before they add overrun a quota: ${kind}`, async () => {
      const { network } = await networkWithSubnet(pick(stores(), 0));
      const ends = await Promise.allSettled(
        Array.from({ length: 20 }, (_, n) =>
          pick(stores(), n)[kind](async (tx) => {
            if ((await tx.ports.count(network.projectId)) >= 5) throw new Error('over quota');
            return tx.ports.insert(samplePort(network));
          }),
        ),
      );
      assert.equal(landed(ends).length, 5);
      for (const end of ends) if (end.status === 'rejected') assert.equal(end.reason.message, 'over quota');
    });
}

function racesWithDeletes(stores: Stores): void {
  /** Ports and a delete at once: the delete wins and there is no port, or a port wins and all is there. */
  const against = async (
    remove: (store: Store, of: { network: Network; subnet: Subnet }) => Promise<boolean>,
    claim: (store: Store, of: { network: Network; subnet: Subnet }) => Promise<Port>,
  ) => {
    for (let round = 0; round < 8; round++) {
      const of = await networkWithSubnet(pick(stores(), 0));
      const begin = () =>
        Promise.allSettled(Array.from({ length: 6 }, (_, n) => claim(pick(stores(), n), of)));
      const early = round % 2 === 0 ? begin() : undefined;
      const removing = Promise.allSettled([remove(pick(stores(), round), of)]);
      const claiming = early ?? begin();
      const [removed] = await removing;
      const ports = landed(ofKinds(await claiming, ['conflict', 'not-found', 'invalid']));
      const found = await pick(stores(), 1).ports.list({ networkIds: [of.network.id] }, { limit: 100 });
      assert.equal(found.length, ports.length);
      const isGone = removed.status === 'fulfilled';
      assert.equal(isGone, ports.length === 0, String(removed.status === 'rejected' && removed.reason));
      if (removed.status === 'rejected') assert.equal(removed.reason.kind, 'conflict', removed.reason);
      assert.equal((await pick(stores(), 1).subnets.find(of.subnet.id)) === undefined, isGone);
      if (!isGone) await assertWhole(pick(stores(), 0), of.network, of.subnet);
    }
  };

  it('deletes a network or puts ports on it', () =>
    against(
      (store, { network }) => store.networks.delete(network.id),
      (store, { network, subnet }) => claimOf(store, network, { subnetId: subnet.id }),
    ));

  it('deletes a network or puts ports without an address on it', () =>
    against(
      (store, { network }) => store.networks.delete(network.id),
      (store, { network }) => store.ports.insert(samplePort(network)),
    ));

  it('deletes a subnet or gives addresses of it', () =>
    against(
      (store, { subnet }) => store.subnets.delete(subnet.id),
      (store, { network, subnet }) => claimOf(store, network, { subnetId: subnet.id, address: '10.0.0.12' }),
    ));

  it('deletes a security group or puts ports into it', async () => {
    for (let round = 0; round < 8; round++) {
      const store = pick(stores(), round);
      const { network } = await networkWithSubnet(store);
      const group = sampleGroup();
      await store.securityGroups.insert(group);
      const claiming = Promise.allSettled(
        Array.from({ length: 6 }, (_, n) =>
          pick(stores(), n).ports.insert(samplePort(network, { securityGroupIds: [group.id] })),
        ),
      );
      const [removed] = await Promise.allSettled([store.securityGroups.delete(group.id)]);
      const ports = landed(ofKinds(await claiming, ['not-found']));
      assert.equal(removed.status === 'fulfilled', ports.length === 0);
      const found = await store.ports.list({ securityGroupIds: [group.id] }, { limit: 100 });
      assert.equal(found.length, ports.length);
      assert.equal((await store.securityGroups.find(group.id)) === undefined, ports.length === 0);
    }
  });

  it('loses no address to a pool that changes while addresses are claimed and given back', async () => {
    const [store] = stores() as [Store];
    const { network, subnet } = await networkWithSubnet(store);
    const pools = [10, 13].map((first) => [{ start: `10.0.0.${first}`, end: `10.0.0.${first + 6}` }]);
    const change = async () => {
      for (let n = 0; n < 10; n++) {
        const seen = (await store.subnets.find(subnet.id)) as Subnet;
        await store.subnets.update(seen, { allocationPools: pools[n % 2] as Subnet['allocationPools'] });
      }
      const seen = (await store.subnets.find(subnet.id)) as Subnet;
      await store.subnets.update(seen, { allocationPools: subnet.allocationPools });
    };
    const use = async (_: unknown, n: number) => {
      const port = await claimOf(pick(stores(), n), network, { subnetId: subnet.id });
      if (n % 4 !== 0) await pick(stores(), n).ports.delete(port.id);
    };
    const ends = await Promise.allSettled([change(), ...Array.from({ length: 24 }, use)]);
    if (ends[0]?.status === 'rejected') throw ends[0].reason;
    allConflicts(ends);
    await assertWhole(store, network, subnet);
  });
}

const pick = (stores: readonly Store[], n: number) => stores[n % stores.length] as Store;

const landed = <T>(ends: readonly PromiseSettledResult<T>[]) =>
  ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));

/** What was refused was refused because it was taken. */
function allConflicts(ends: readonly PromiseSettledResult<unknown>[]): Error[] {
  return ofKinds(ends, ['conflict']).flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
}

/** Each failure is of one of these kinds, in words of its own. */
function ofKinds<Ends extends readonly PromiseSettledResult<unknown>[]>(
  ends: Ends,
  kinds: readonly FailureKind[],
): Ends {
  for (const end of ends)
    if (end.status === 'rejected') {
      assert.ok(kinds.includes(end.reason.kind), String(end.reason.stack));
      assert.doesNotMatch(end.reason.message, /^It (?:refers|exists)/);
    }
  return ends;
}

/** Runs so many pieces of work, a bounded number at once. */
async function racing<T>(count: number, work: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const n = next++;
      results[n] = await work(n);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}

function assertUnique(ports: readonly Port[], expected: number): void {
  assert.equal(ports.length, expected);
  assert.equal(new Set(ports.map(({ mac }) => mac)).size, expected);
  assert.equal(new Set(ports.map(addressOf)).size, expected);
}

/** Each address of the sample subnet's pool of ten is a port's or can be claimed. */
async function assertWhole(store: Store, network: Network, subnet: Subnet): Promise<void> {
  const held = await store.ports.list({ networkIds: [network.id] }, { limit: 100 });
  const addresses = held.map(addressOf).filter((address) => address !== undefined);
  assert.equal(new Set(addresses).size, addresses.length);
  const ofPool = addresses.filter((address) => /^10\.0\.0\.1\d$/.test(address));
  const rest = await drain(store, network, subnet, 10 - ofPool.length);
  assertUnique(
    [...held, ...rest].filter((port) => port.fixedIps.length > 0),
    addresses.length + rest.length,
  );
}
