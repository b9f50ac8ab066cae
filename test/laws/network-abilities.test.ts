import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { LibvirtLink } from '../../src/hypervisor/libvirt/connection/libvirt-link.ts';
import type { ServerId } from '../../src/model/ids.ts';
import { LibvirtNetworks } from '../../src/network/libvirt/libvirt-networks.ts';
import { type LibvirtHost, libvirtHostObstacle, startLibvirtHost } from '../lab/libvirt-host.ts';
import { samplePort } from '../lab/sample-port.ts';

/** Starts a daemon as an ordinary user; ends when it answers. */
const SESSION = `
export HOME=/run/user XDG_RUNTIME_DIR=/run/user
install -d -o 65534 -g 65534 /run/user
setpriv --reuid 65534 --regid 65534 --clear-groups libvirtd --daemon
until [ -S /run/user/libvirt/libvirt-sock ]; do sleep 0.05; done
`;

describe('what a libvirt host says that it can do for ports', {
  skip: libvirtHostObstacle() ?? false,
}, () => {
  let host: LibvirtHost;
  let folder: string;
  const closing: (() => Promise<void>)[] = [];
  const server = randomUUID() as ServerId;
  before(async () => {
    host = await startLibvirtHost({ name: 'abilities' });
    folder = await mkdtemp(join(tmpdir(), 'np-abilities-'));
  });
  after(async () => {
    for (const close of closing) await close();
    await host?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  /** @param settings of the kernel, by name: what `/proc/sys/net/bridge` has */
  async function networks(settings: Readonly<Record<string, string>>, uri = host.uri) {
    const bridgeSettings = await mkdtemp(join(folder, 'bridge-'));
    for (const [name, value] of Object.entries(settings))
      await writeFile(join(bridgeSettings, name), `${value}\n`);
    const calls = new LibvirtLink({ uri, log: () => undefined, prepare: async () => undefined });
    closing.push(() => calls.close());
    const records = join(bridgeSettings, 'ports');
    return new LibvirtNetworks({ calls, folder: records, physicalNetworks: new Map(), bridgeSettings });
  }
  const set = { 'bridge-nf-call-iptables': '1', 'bridge-nf-call-ip6tables': '1' };

  it('filters where the kernel sends what is bridged through iptables', async () => {
    assert.equal((await (await networks(set)).abilities()).filters, true);
  });

  for (const [what, settings, why] of [
    [
      'the kernel lacks the module',
      {},
      /no setting net\.bridge\.bridge-nf-call-iptables: load .* br_netfilter/,
    ],
    [
      'IPv4 passes by',
      { ...set, 'bridge-nf-call-iptables': '0' },
      /bridge-nf-call-iptables is 0: .* to be 1/,
    ],
    ['IPv6 passes by', { ...set, 'bridge-nf-call-ip6tables': '0' }, /bridge-nf-call-ip6tables is 0/],
  ] as const)
    it(`no port with security groups is taken where ${what}; one without them is`, async () => {
      const backend = await networks(settings);
      const { nat, filters } = await backend.abilities();
      assert.equal(nat, true);
      assert.match(String(filters), why);
      await assert.rejects(backend.plug(server, samplePort()), {
        ...{ kind: 'invalid', message: 'The compute host cannot filter ports by security groups.' },
      });
      assert.deepEqual(await backend.ports(), []);
      const { port, filter } = await backend.plug(server, samplePort({ rules: null }));
      assert.equal(filter, null);
      await backend.unplug(port.id);
    });

  it('nothing where the daemon is of an ordinary user: a port is refused with the way out', async () => {
    await host.exec('sh', ['-ec', SESSION]);
    const uri = `qemu+unix:///session?socket=${host.root}/run/user/libvirt/libvirt-sock`;
    const backend = await networks(set, uri);
    const { nat, filters } = await backend.abilities();
    assert.equal(nat, filters);
    assert.match(String(nat), /ordinary user .* run the agent as root, or create servers with networks none/);
    for (const rules of [[], null])
      await assert.rejects(backend.plug(server, samplePort({ rules })), {
        kind: 'invalid',
        operatorText: nat,
      });
  });
});
