import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Libvirt } from 'libvirt-rpc';
import type { NetworkAbilities } from '../../model/network/network-abilities.ts';
import { LIBVIRT_PARTS } from './filter-xml.ts';
import { unless } from './libvirt-calls.ts';
import type { LibvirtNetworksOptions } from './options.ts';

const BRIDGE_SETTINGS = '/proc/sys/net/bridge';
const NEEDED = ['bridge-nf-call-iptables', 'bridge-nf-call-ip6tables'];

type Options = Pick<LibvirtNetworksOptions, 'calls' | 'physicalNetworks' | 'bridgeSettings'>;

/** What this host's libvirt and kernel can do for ports. */
export async function readAbilities(options: Options): Promise<NetworkAbilities> {
  const { calls, physicalNetworks, bridgeSettings = BRIDGE_SETTINGS } = options;
  return calls.read('asking for its networks', async (libvirt) => {
    const unable = await whyWithoutNetworks(libvirt);
    if (unable !== undefined) return { nat: unable, physicalNetworks: [], filters: unable };
    const filters = (await missingParts(libvirt)) ?? (await whyUnfiltered(bridgeSettings)) ?? true;
    return { nat: true, physicalNetworks: [...physicalNetworks.keys()], filters };
  });
}

/** A daemon of an ordinary user makes no bridges. */
async function whyWithoutNetworks(libvirt: Libvirt): Promise<string | undefined> {
  const type = await libvirt.connectGetType();
  if (type !== 'QEMU') return `libvirt's driver ${type} has no networks for guests.`;
  if (!(await libvirt.connectGetURI()).endsWith('/session')) return undefined;
  return 'The libvirt daemon is of an ordinary user (qemu:///session), who can make neither networks nor filters: run the agent as root, or create servers with networks none.';
}

async function missingParts(libvirt: Libvirt): Promise<string | undefined> {
  for (const name of LIBVIRT_PARTS)
    if ((await unless('ERR_NO_NWFILTER', libvirt.nwfilterLookupByName({ name }))) === undefined)
      return `libvirt lacks its own filter ${name} (Debian: libvirt-daemon-config-nwfilter).`;
  return undefined;
}

/** Between guests of one bridge the rules of iptables hold only where the kernel asks it. */
async function whyUnfiltered(folder: string): Promise<string | undefined> {
  for (const name of NEEDED) {
    const value = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (value === undefined)
      return `The kernel has no setting net.bridge.${name}: load its module br_netfilter.`;
    if (value.trim() !== '1')
      return `net.bridge.${name} is ${value.trim()}: security groups need it to be 1 (sysctl).`;
  }
  return undefined;
}
