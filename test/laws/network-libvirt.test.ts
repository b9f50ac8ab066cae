import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LibvirtLink } from '../../src/hypervisor/libvirt/connection/libvirt-link.ts';
import { LibvirtNetworks } from '../../src/network/libvirt/libvirt-networks.ts';
import { libvirtHostObstacle, startLibvirtHost } from '../lab/libvirt-host.ts';
import { networkLaws } from './network.ts';
import type { DhcpLab } from './network-dhcp.ts';

const OWN = /nameplate-\S+/g;

networkLaws(
  "libvirt's networks",
  { servesDhcp: openLab },
  { skip: libvirtHostObstacle() ?? false, timeout: 120_000 },
);

async function openLab(): Promise<DhcpLab> {
  const host = await startLibvirtHost({ name: 'networks' });
  await host.exec('ip', ['link', 'add', 'br-lab', 'type', 'bridge']);
  const folder = await mkdtemp(join(tmpdir(), 'np-networks-'));
  const physicalNetwork = 'physnet';
  const open = () => {
    const link = new LibvirtLink({ uri: host.uri, log: () => undefined, prepare: async () => undefined });
    const physicalNetworks = new Map([[physicalNetwork, { type: 'bridge', name: 'br-lab' } as const]]);
    return { link, backend: new LibvirtNetworks({ calls: link, folder, physicalNetworks }) };
  };
  let { link, backend } = open();
  const close = async () => {
    await backend.close();
    await link.close();
  };
  return {
    backend: () => backend,
    physicalNetwork,
    async reopen() {
      await close();
      ({ link, backend } = open());
    },
    async given(mac) {
      const read = 'cat /var/lib/libvirt/dnsmasq/*.hostsfile 2>/dev/null || true';
      const { stdout } = await host.exec('sh', ['-c', read]);
      const entry = stdout.split('\n').find((line) => line.startsWith(`${mac},`));
      const [, ip, name] = entry?.split(',') ?? [];
      return ip === undefined ? undefined : { ip, name };
    },
    async leftovers() {
      const { stdout } = await host.exec('sh', ['-c', 'virsh net-list --all; virsh nwfilter-list']);
      return [...(stdout.match(OWN) ?? []), ...(await readdir(folder))];
    },
    async close() {
      await close();
      await host.stop();
      await rm(folder, { recursive: true });
    },
  };
}
