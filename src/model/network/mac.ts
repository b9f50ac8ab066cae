import type { MacAddress } from './network-ids.ts';

/** The forms of netaddr: `fa:16:3e:00:00:01`, `fa-16-3e-00-00-01`, `fa16.3e00.0001`, `fa163e000001`. */
const FORMS = [
  /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i,
  /^(?:[0-9a-f]{2}-){5}[0-9a-f]{2}$/i,
  /^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$/i,
  /^[0-9a-f]{12}$/i,
];
const NOBODY = '000000000000';

/** Reads the address of one interface. undefined: it is none, a group's, or zero. */
export function parseMac(text: string): MacAddress | undefined {
  if (!FORMS.some((form) => form.test(text))) return undefined;
  const digits = text.replace(/[^0-9a-f]/gi, '').toLowerCase();
  const isGroup = (Number.parseInt(digits.slice(0, 2), 16) & 1) === 1;
  return isGroup || digits === NOBODY ? undefined : macOfDigits(digits);
}

/**
 * Reads the address that somebody chose for an interface of a guest. libvirt connects none whose first byte
 * is FE: the host's end of the interface has that (src/util/virnetdevtap.c virNetDevTapCreateInBridgePort).
 */
export function parseChosenMac(text: string): MacAddress | undefined {
  const mac = parseMac(text);
  return mac?.startsWith('fe:') ? undefined : mac;
}

/**
 * A MAC as Neutron makes them (neutron/conf/common.py base_mac).
 * @param suffix 24 bits
 */
export function generatedMac(suffix: number): MacAddress {
  return macOfDigits(`fa163e${suffix.toString(16).padStart(6, '0')}`);
}

function macOfDigits(digits: string): MacAddress {
  return (digits.match(/../g) as string[]).join(':') as MacAddress;
}
