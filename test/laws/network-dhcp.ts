import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import type { ServerId } from '../../src/model/ids.ts';
import type { MacAddress, NetworkId } from '../../src/model/network/network-ids.ts';
import { sampleAddress, samplePort } from '../lab/sample-port.ts';
import type { NetworkLab } from './network-lab.ts';

/** What a guest with some MAC address is given when it asks for an address. */
interface Given {
  readonly ip: string;
  readonly name: string | undefined;
}

/** A lab whose backend gives guests addresses by DHCP. */
export interface DhcpLab extends NetworkLab {
  given(mac: MacAddress): Promise<Given | undefined>;
}

/** What holds of every network backend that serves DHCP. */
export function dhcpLaws(open: () => DhcpLab, clear: () => Promise<void>): void {
  const server = randomUUID() as ServerId;

  it('a port is given what it has now: a new address, a new name, none', async () => {
    const port = samplePort({ number: 21 });
    await open().backend().plug(server, port);
    const moved = { ...port, addresses: [sampleAddress({ address: '10.77.0.99' })], hostname: 'renamed' };
    await open().backend().plug(server, moved);
    assert.deepEqual(await open().given(port.mac), { ip: '10.77.0.99', name: 'renamed' });
    await open()
      .backend()
      .plug(server, { ...moved, addresses: [] });
    assert.equal(await open().given(port.mac), undefined);
    await clear();
  });

  it('an address goes to the port that has it now', async () => {
    const [before, now] = [samplePort({ number: 31 }), samplePort({ number: 32 })];
    await open().backend().plug(server, before);
    await open()
      .backend()
      .plug(server, { ...now, addresses: before.addresses });
    assert.equal((await open().given(now.mac))?.ip, '10.77.0.31');
    assert.equal(await open().given(before.mac), undefined);
    await clear();
  });

  it('two guests of one name both have an address', async () => {
    const [one, other] = [41, 42].map((number) => samplePort({ number, hostname: 'twin' }));
    await open().backend().plug(server, one!);
    await open().backend().plug(server, other!);
    assert.deepEqual(await open().given(one!.mac), { ip: '10.77.0.41', name: 'twin' });
    assert.equal((await open().given(other!.mac))?.ip, '10.77.0.42');
    assert.match((await open().given(other!.mac))?.name ?? '', /^twin-/);
    await clear();
  });

  it('a port that leaves takes its own entry with it, and no other', async () => {
    const [one, other] = [71, 72].map((number) => samplePort({ number }));
    await open().backend().plug(server, one!);
    await open().backend().plug(server, other!);
    await open().backend().unplug(one!.id);
    assert.equal(await open().given(one!.mac), undefined);
    assert.deepEqual(await open().given(other!.mac), { ip: '10.77.0.72', name: 'guest-72' });
    await clear();
  });

  it('a port on a physical network is given nothing: its DHCP is not ours', async () => {
    const id = randomUUID() as NetworkId;
    const network = { id, kind: 'flat', physicalNetwork: open().physicalNetwork } as const;
    const flat = samplePort({ number: 81, network });
    await open().backend().plug(server, flat);
    assert.equal(await open().given(flat.mac), undefined);
    await clear();
  });
}
