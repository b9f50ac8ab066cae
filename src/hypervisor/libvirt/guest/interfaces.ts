import { setTimeout as delay } from 'node:timers/promises';
import { affectFlags, type Domain, type Libvirt, xmlFlags } from 'libvirt-rpc';
import { Failure } from '../../../model/failure.ts';
import type { MacAddress } from '../../../model/network/network-ids.ts';
import { isActive } from './power-state.ts';

/** How long a guest may take to let go of an interface, in milliseconds, and how often it is looked at. */
const RELEASE_MS = 20_000;
const LOOK_AGAIN_MS = 200;

const KINDS = ['live', 'config'] as const;
type Kind = (typeof KINDS)[number];

/** Adds an interface to the definition, and to the guest if it runs; one that is there is left as it is. */
export async function attachInterface(
  libvirt: Libvirt,
  domain: Domain,
  { xml, mac }: { readonly xml: string; readonly mac: MacAddress },
): Promise<void> {
  for (const kind of await kindsOf(libvirt, domain))
    if (!(await hasInterface(libvirt, domain, { kind, mac })))
      await libvirt.domainAttachDeviceFlags({ domain, xml, flags: affectFlags[kind] });
}

/**
 * Removes the interface with a MAC address from the definition and from the guest that runs. libvirt asks the
 * guest and may answer before it has let go.
 */
export async function detachInterface(libvirt: Libvirt, domain: Domain, mac: MacAddress): Promise<void> {
  // libvirt looks for the MAC address alone, but wants to read a source.
  const xml = `<interface type='network'><mac address='${mac}'/><source network='any'/></interface>`;
  const kinds = await kindsOf(libvirt, domain);
  for (const kind of kinds.toReversed())
    if (await hasInterface(libvirt, domain, { kind, mac }))
      await libvirt.domainDetachDeviceFlags({ domain, xml, flags: affectFlags[kind] });
  const until = Date.now() + RELEASE_MS;
  while (kinds.includes('live') && (await hasInterface(libvirt, domain, { kind: 'live', mac }))) {
    if (Date.now() > until)
      throw new Failure('timed-out', `The guest ${domain.uuid} does not let go of the interface ${mac}.`);
    await delay(LOOK_AGAIN_MS);
  }
}

async function kindsOf(libvirt: Libvirt, domain: Domain): Promise<readonly Kind[]> {
  return isActive((await libvirt.domainGetState({ domain })).state) ? KINDS : ['config'];
}

async function hasInterface(
  libvirt: Libvirt,
  domain: Domain,
  { kind, mac }: { readonly kind: Kind; readonly mac: MacAddress },
): Promise<boolean> {
  const flags = kind === 'config' ? xmlFlags.inactive : 0;
  return (await libvirt.domainGetXMLDesc({ domain, flags })).includes(`<mac address='${mac}'/>`);
}
