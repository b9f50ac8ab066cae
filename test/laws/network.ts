import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Failure } from '../../src/model/failure.ts';
import type { OperationId, ServerId } from '../../src/model/ids.ts';
import type { NetworkId } from '../../src/model/network/network-ids.ts';
import { samplePort } from '../lab/sample-port.ts';
import { type DhcpLab, dhcpLaws } from './network-dhcp.ts';
import type { NetworkLab } from './network-lab.ts';

/** What holds of every network backend; `servesDhcp` adds the laws of its DHCP. */
export function networkLaws(
  name: string,
  open: (() => Promise<NetworkLab>) | { readonly servesDhcp: () => Promise<DhcpLab> },
  options: { readonly skip?: string | false; readonly timeout?: number } = {},
): void {
  describe(`the laws of ${name}`, options, () => {
    let lab: NetworkLab;
    before(async () => {
      lab = await (typeof open === 'function' ? open() : open.servesDhcp());
    });
    after(() => lab?.close());

    const server = randomUUID() as ServerId;
    const isInvalid = (error: unknown) => error instanceof Failure && error.kind === 'invalid';
    const clear = async () => {
      for (const { id } of await lab.backend().ports()) await lab.backend().unplug(id);
      assert.deepEqual(await lab.leftovers(), [], 'nothing is left after the last port');
    };

    it('can make networks, filter, and be on its physical network', async () => {
      const { nat, filters, physicalNetworks } = await lab.backend().abilities();
      assert.deepEqual({ nat, filters }, { nat: true, filters: true });
      assert.ok(physicalNetworks.includes(lab.physicalNetwork));
    });

    it('a port that is plugged again is as it was, also after a restart, and is removed once and for all', async () => {
      const port = samplePort();
      const attachment = await lab.backend().plug(server, port);
      assert.deepEqual(attachment.port, port);
      assert.ok(attachment.filter !== null);
      await lab.reopen();
      assert.deepEqual(await lab.backend().plug(server, port), attachment);
      assert.deepEqual(await lab.backend().ports(), [{ id: port.id, server, operation: null }]);
      await lab.backend().unplug(port.id);
      await lab.backend().unplug(port.id);
      await clear();
    });

    it('ports of one network come and go without each other, at once too', async () => {
      const ports = [11, 12, 13, 14].map((number) => samplePort({ number }));
      await Promise.all(ports.map((port) => lab.backend().plug(server, port)));
      const [first, ...others] = ports;
      await lab.backend().unplug(first!.id);
      const left = (await lab.backend().ports()).map(({ id }) => id);
      assert.deepEqual(left.toSorted(), others.map(({ id }) => id).toSorted());
      await clear();
    });

    it('a port remembers the operation that had it plugged first, after a restart too', async () => {
      const [first, second] = [randomUUID() as OperationId, randomUUID() as OperationId];
      const [port, other] = [samplePort({ number: 41 }), samplePort({ number: 42 })];
      await lab.backend().plug(server, port, first);
      await lab.backend().plug(server, other);
      await lab.reopen();
      for (const each of [port, other]) await lab.backend().plug(server, { ...each, rules: null }, second);
      const seen = new Map((await lab.backend().ports()).map(({ id, operation }) => [id, operation]));
      assert.deepEqual([seen.get(port.id), seen.get(other.id)], [first, null]);
      await clear();
    });

    it('a port is on the physical network that it asks for, and refused where the host has none such', async () => {
      const network = { id: randomUUID() as NetworkId, kind: 'flat' as const };
      const flat = samplePort({ number: 51, network: { ...network, physicalNetwork: lab.physicalNetwork } });
      await lab.backend().plug(server, flat);
      const elsewhere = samplePort({ number: 52, network: { ...network, physicalNetwork: 'elsewhere' } });
      await assert.rejects(lab.backend().plug(server, elsewhere), isInvalid);
      assert.deepEqual(await lab.backend().ports(), [{ id: flat.id, server, operation: null }]);
      await clear();
    });

    it('a network is its id: one whose id begins alike is another, or refused', async () => {
      const port = samplePort({ number: 91 });
      const alike = `${port.network.id.slice(0, 8)}-0000-4000-8000-00000000a11e` as NetworkId;
      await lab.backend().plug(server, port);
      const other = { id: alike, kind: 'flat', physicalNetwork: lab.physicalNetwork } as const;
      const refused = await lab
        .backend()
        .plug(server, samplePort({ number: 92, network: other }))
        .then(
          () => undefined,
          (error: unknown) => error,
        );
      assert.ok(refused === undefined || refused instanceof Failure);
      await clear();
    });

    it('rules change while the port is plugged, and filters go with it', async () => {
      const port = samplePort({ number: 61 });
      const all = { protocol: null, portRangeMin: null, portRangeMax: null, remotes: null } as const;
      const ways = [
        [],
        [{ ...all, direction: 'egress', ethertype: 'IPv4' } as const],
        [
          {
            ...all,
            direction: 'ingress',
            ethertype: 'IPv6',
            protocol: 'tcp',
            portRangeMin: 1,
            portRangeMax: 9,
          },
          { ...all, direction: 'ingress', ethertype: 'IPv4', protocol: 'icmp', remotes: ['10.0.0.0/8'] },
          { ...all, direction: 'egress', ethertype: 'IPv6', protocol: 'icmp', portRangeMin: 128 },
          { ...all, direction: 'egress', ethertype: 'IPv4', protocol: '132', remotes: [] },
        ] as const,
        null,
      ] as const;
      for (const rules of ways) await lab.backend().plug(server, { ...port, rules });
      await clear();
    });

    if (typeof open !== 'function') dhcpLaws(() => lab as DhcpLab, clear);
  });
}
