import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { Network, Subnet } from '../../src/model/network/network.ts';
import type { Port } from '../../src/model/network/port.ts';
import type { Store } from '../../src/store/promise/store.ts';
import { addressOf, claimOf, drain, networkWithSubnet } from './sample-network.ts';
import type { TheStore } from './store.ts';

const at = (last: number) => `10.0.0.${last}`;
/** Hosts of the subnet that the commands name: some below, in and above the pools. */
const host = fc.integer({ min: 8, max: 22 });
const POOLS = [
  [[10, 19]],
  [[12, 15]],
  [
    [9, 11],
    [14, 21],
  ],
  [[16, 16]],
] as const;

interface Model {
  /** The last byte of each address that a port holds, with the port. */
  readonly held: Map<number, Port>;
  pools: readonly (readonly [number, number])[];
}

interface Real {
  readonly store: Store;
  readonly network: Network;
  subnet: Subnet;
}

type Command = fc.AsyncCommand<Model, Real>;

const isInPool = (model: Model, last: number) =>
  model.pools.some(([low, high]) => low <= last && last <= high);

function freeOf(model: Model): number[] {
  const all = Array.from({ length: 256 }, (_, last) => last);
  return all.filter((last) => isInPool(model, last) && !model.held.has(last));
}

function record(model: Model, port: Port): number {
  const last = Number(addressOf(port).split('.').at(-1));
  assert.ok(!model.held.has(last), `${addressOf(port)} was given twice`);
  model.held.set(last, port);
  return last;
}

const claim: Command = {
  check: () => true,
  async run(model, { store, network, subnet }) {
    const claiming = claimOf(store, network, { subnetId: subnet.id });
    const free = freeOf(model);
    if (free.length === 0) return assert.rejects(claiming, { kind: 'conflict' });
    assert.ok(free.includes(record(model, await claiming)));
  },
  toString: () => 'claim',
};

const choose = (last: number): Command => ({
  check: () => true,
  async run(model, { store, network, subnet }) {
    const claiming = claimOf(store, network, { subnetId: subnet.id, address: at(last) });
    const holder = model.held.get(last);
    if (holder === undefined) assert.equal(record(model, await claiming), last);
    else await assert.rejects(claiming, { kind: 'conflict', message: new RegExp(holder.id) });
  },
  toString: () => `choose ${at(last)}`,
});

const release = (which: number): Command => ({
  check: (model) => model.held.size > 0,
  async run(model, { store }) {
    const [last, port] = [...model.held][which % model.held.size] as [number, Port];
    assert.equal(await store.ports.delete(port.id), true);
    model.held.delete(last);
  },
  toString: () => `release ${which}`,
});

/** A port gives its address up for another one, in one transaction. */
const move = (which: number, to: number): Command => ({
  check: (model) => model.held.size > 0,
  async run(model, { store, subnet }) {
    const [last, port] = [...model.held][which % model.held.size] as [number, Port];
    const moving = store.ports.update(port, { addresses: [{ subnetId: subnet.id, address: at(to) }] });
    if (to !== last && model.held.has(to)) return assert.rejects(moving, { kind: 'conflict' });
    model.held.delete(last);
    record(model, await moving);
  },
  toString: () => `move ${which} to ${at(to)}`,
});

const reshape = (pools: Model['pools']): Command => ({
  check: () => true,
  async run(model, real) {
    const allocationPools = pools.map(([low, high]) => ({ start: at(low), end: at(high) }));
    real.subnet = await real.store.subnets.update(real.subnet, { allocationPools });
    model.pools = pools;
  },
  toString: () => `reshape ${JSON.stringify(pools)}`,
});

/** Allocation answers as a set of free addresses in memory does. */
export function storeAddressModelLaws(the: TheStore): void {
  it('gives and refuses addresses as a set of free ones would, after any claims, releases and pools', async () => {
    const commands = fc.commands(
      [
        fc.constant(claim),
        host.map(choose),
        fc.nat(20).map(release),
        fc.tuple(fc.nat(20), host).map(([which, to]) => move(which, to)),
        fc.constantFrom<Model['pools'][]>(...POOLS).map(reshape),
      ],
      { maxCommands: 25 },
    );
    await fc.assert(
      fc.asyncProperty(commands, async (each) => {
        const { store } = the();
        const model: Model = { held: new Map(), pools: POOLS[0] };
        const real: Real = { store, ...(await networkWithSubnet(store)) };
        await fc.asyncModelRun(() => ({ model, real }), each);
        const rest = await drain(store, real.network, real.subnet, freeOf(model).length);
        for (const port of rest) record(model, port);
      }),
      { numRuns: process.env.NAMEPLATE_LONG === '1' ? 500 : 25 },
    );
  });
}
