import assert from 'node:assert/strict';
import { it } from 'node:test';
import { addressOf, claimOf, drain, networkWithSubnet, samplePort, sampleSubnet } from './sample-network.ts';
import type { TheStore } from './store.ts';

/** MACs and addresses: what is given, what is refused, what comes back. */
export function storeAddressLaws(the: TheStore): void {
  singleClaims(the);
  pools(the);
}

function singleClaims(the: TheStore): void {
  it('gives addresses of the pool in order, and one that was given back last of all', async () => {
    const { store } = the();
    const { network, subnet } = await networkWithSubnet(store);
    const claim = () => claimOf(store, network, { subnetId: subnet.id });
    const ports = [await claim(), await claim(), await claim()];
    assert.deepEqual(ports.map(addressOf), ['10.0.0.10', '10.0.0.11', '10.0.0.12']);
    await store.ports.delete(ports[1]!.id);
    const rest = [];
    for (let n = 0; n < 8; n++) rest.push(addressOf(await claim()));
    assert.deepEqual(
      rest,
      [13, 14, 15, 16, 17, 18, 19, 11].map((last) => `10.0.0.${last}`),
    );
    await assert.rejects(claim(), { kind: 'conflict', message: new RegExp(`for subnet ${subnet.id}`) });
    await store.ports.delete(ports[0]!.id);
    assert.equal(addressOf(await claim()), '10.0.0.10');
  });

  it('gives a chosen address, in the pool or beside it, to one port and names its holder', async () => {
    const { store } = the();
    const { network, subnet } = await networkWithSubnet(store);
    const choose = (address: string) => claimOf(store, network, { subnetId: subnet.id, address });
    for (const address of ['10.0.0.14', '10.0.0.200']) {
      const holder = await choose(address);
      assert.equal(addressOf(holder), address);
      await assert.rejects(choose(address), {
        kind: 'conflict',
        message: new RegExp(`${address.replaceAll('.', '\\.')} is in use by port ${holder.id}`),
      });
      await store.ports.delete(holder.id);
      assert.equal(addressOf(await choose(address)), address);
    }
    const given = [];
    for (let n = 0; n < 9; n++) given.push(addressOf(await claimOf(store, network, { subnetId: subnet.id })));
    assert.equal(new Set(given).size, 9);
    assert.ok(!given.includes('10.0.0.14') && !given.includes('10.0.0.200'));
    await assert.rejects(claimOf(store, network, { subnetId: subnet.id }), { kind: 'conflict' });
  });

  it('refuses a chosen address that no host of the subnet may have', async () => {
    const { store } = the();
    const { network, subnet } = await networkWithSubnet(store);
    for (const [address, kind] of [
      ['10.0.1.5', 'invalid'],
      ['10.0.0.0', 'invalid'],
      ['10.0.0.255', 'invalid'],
      ['fd00::1', 'invalid'],
      ['::ffff:10.0.0.14', 'invalid'],
      ['10.0.0.014', 'invalid'],
      ['no address', 'invalid'],
      ['10.0.0.1', 'conflict'],
    ] as const)
      await assert.rejects(claimOf(store, network, { subnetId: subnet.id, address }), { kind }, address);
    assert.equal(await store.ports.count(network.projectId), 0);
  });

  it('claims of a /64 and of a whole IPv4 pool alike, and reads any form of a chosen address', async () => {
    const { store } = the();
    const { network, subnet } = await networkWithSubnet(store);
    const six = sampleSubnet(network, {
      cidr: 'fd00::/64',
      ipVersion: 6,
      gatewayIp: 'fd00::1',
      allocationPools: [{ start: 'fd00::2', end: 'fd00::ffff:ffff:ffff:ffff' }],
    });
    await store.subnets.insert(six);
    const both = [{ subnetId: six.id }, { subnetId: subnet.id }];
    const port = await store.ports.insert(samplePort(network, { addresses: both }));
    assert.deepEqual(
      port.fixedIps.map(({ address }) => address),
      ['fd00::2', '10.0.0.10'],
    );
    const chosen = await claimOf(store, network, { subnetId: six.id, address: 'FD00:0:0:0:8000::0001' });
    assert.equal(addressOf(chosen), 'fd00::8000:0:0:1');
    assert.equal(addressOf(await claimOf(store, network, { subnetId: six.id })), 'fd00::3');
  });

  it('keeps the addresses of a port that are named again, and gives the others back', async () => {
    const { store } = the();
    const { network, subnet } = await networkWithSubnet(store);
    const subnetId = subnet.id;
    const addresses = [{ subnetId }, { subnetId, address: '10.0.0.15' }];
    let port = await store.ports.insert(samplePort(network, { addresses }));
    const held = () => port.fixedIps.map(({ address }) => address).toSorted();
    assert.deepEqual(held(), ['10.0.0.10', '10.0.0.15']);
    port = await store.ports.update(port, { addresses: [{ subnetId }] });
    assert.equal(port.fixedIps.length, 1);
    const [kept] = held();
    port = await store.ports.update(port, { addresses: [{ subnetId, address: '10.0.0.16' }, { subnetId }] });
    assert.deepEqual(held(), [kept, '10.0.0.16'].toSorted());
    port = await store.ports.update(port, { addresses: [] });
    assert.deepEqual(held(), []);
    await drain(store, network, subnet, 10);
  });

  it('gives nothing away when a claim is rolled back', async () => {
    const { store } = the();
    const { network, subnet } = await networkWithSubnet(store);
    const failing = store.lockingTransaction(async (tx) => {
      for (let n = 0; n < 10; n++)
        await tx.ports.insert(samplePort(network, { addresses: [{ subnetId: subnet.id }] }));
      throw new Error('rolled back');
    });
    await assert.rejects(failing, /rolled back/);
    await drain(store, network, subnet, 10);
  });
}

function pools(the: TheStore): void {
  it('lets pools grow and shrink; what is claimed stays claimed and returns to a pool that has it', async () => {
    const { store } = the();
    const { network, subnet } = await networkWithSubnet(store);
    const outside = await claimOf(store, network, { subnetId: subnet.id, address: '10.0.0.21' });
    const inside = await claimOf(store, network, { subnetId: subnet.id, address: '10.0.0.11' });
    const wider = await store.subnets.update(subnet, {
      allocationPools: [
        { start: '10.0.0.12', end: '10.0.0.13' },
        { start: '10.0.0.20', end: '10.0.0.22' },
      ],
    });
    const given = await drain(store, network, subnet, 4);
    assert.deepEqual(given.map(addressOf).toSorted(), ['10.0.0.12', '10.0.0.13', '10.0.0.20', '10.0.0.22']);
    await store.ports.delete(inside.id); // of no pool now
    await store.ports.delete(outside.id);
    assert.equal(addressOf(await claimOf(store, network, { subnetId: subnet.id })), '10.0.0.21');
    await assert.rejects(claimOf(store, network, { subnetId: subnet.id }), { kind: 'conflict' });
    await store.subnets.update(wider, { allocationPools: [{ start: '10.0.0.10', end: '10.0.0.19' }] });
    await drain(store, network, subnet, 8);
  });

  it('refuses a gateway that a port has', async () => {
    const { store } = the();
    const { network, subnet } = await networkWithSubnet(store);
    const port = await claimOf(store, network, { subnetId: subnet.id, address: '10.0.0.254' });
    await assert.rejects(store.subnets.update(subnet, { gatewayIp: '10.0.0.254' }), {
      kind: 'conflict',
      message: new RegExp(`in use by port ${port.id}`),
    });
  });
}
