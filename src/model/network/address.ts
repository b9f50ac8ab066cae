import ipaddr from 'ipaddr.js';

/** An IP address as a number. */
export interface IpAddress {
  readonly version: 4 | 6;
  readonly value: bigint;
}

const BYTES = { 4: 4, 6: 16 } as const;
/** The longest text of an address: IPv6 with an IPv4 tail. */
const MAX_TEXT = 45;
/** ipaddr.js also accepts `010.0.0.1`, which other parsers take as octal. */
const LEADING_ZERO = /(?:^|\.)0\d/;

/**
 * Reads an address: IPv4 as four decimal numbers without leading zeros, IPv6 in any form of RFC 4291 without
 * a zone. An IPv4-mapped address stays IPv6. undefined: it is none.
 */
export function parseAddress(text: string): IpAddress | undefined {
  if (text.length > MAX_TEXT) return undefined;
  if (text.includes(':')) {
    if (text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
    return { version: 6, value: numberOf(ipaddr.IPv6.parse(text)) };
  }
  if (LEADING_ZERO.test(text) || !ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  return { version: 4, value: numberOf(ipaddr.IPv4.parse(text)) };
}

/** Canonical text: dotted decimal, or the form of RFC 5952. */
export function addressText({ version, value }: IpAddress): string {
  const hex = addressKey({ version, value });
  const bytes = Array.from({ length: BYTES[version] }, (_, at) =>
    Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16),
  );
  const address = ipaddr.fromByteArray(bytes);
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

/** Hexadecimal of fixed width: addresses of one version compare as these texts do. */
export function addressKey({ version, value }: IpAddress): string {
  return value.toString(16).padStart(BYTES[version] * 2, '0');
}

/** The number of an {@link addressKey}. */
export function valueOfKey(key: string): bigint {
  return BigInt(`0x${key}`);
}

/** Bits of an address. */
export function addressBits(version: 4 | 6): number {
  return BYTES[version] * 8;
}

function numberOf(address: ipaddr.IPv4 | ipaddr.IPv6): bigint {
  return address.toByteArray().reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
