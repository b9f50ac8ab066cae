import { addressBits, addressText, parseAddress } from './address.ts';
import type { AddressRange } from './network.ts';
import type { Span } from './spans.ts';

/** A block of addresses. */
export interface Cidr extends Span {
  readonly version: 4 | 6;
  /** Length of the prefix in bits. */
  readonly prefix: number;
  /** Canonical: the network's own address and the prefix length. */
  readonly text: string;
}

const PREFIX = /^(?:0|[1-9]\d{0,2})$/;

/** Reads `address/prefix`; bits of the host are set to 0. undefined: it is none. */
export function parseCidr(text: string): Cidr | undefined {
  const [before = '', after = '', ...more] = text.split('/', 3);
  const address = parseAddress(before);
  if (address === undefined || more.length > 0 || !PREFIX.test(after)) return undefined;
  const { version, value } = address;
  const prefix = Number(after);
  const hostBits = addressBits(version) - prefix;
  if (hostBits < 0) return undefined;
  const first = (value >> BigInt(hostBits)) << BigInt(hostBits);
  const last = first + (1n << BigInt(hostBits)) - 1n;
  return { version, prefix, first, last, text: `${addressText({ version, value: first })}/${prefix}` };
}

/**
 * The addresses that hosts may have: in IPv4 neither the first (the network) nor the last (broadcast), in
 * IPv6 not the first (routers' anycast). A block of one or two addresses is used whole.
 */
export function hostSpan({ version, first, last }: Cidr): Span {
  if (last - first < 2n) return { first, last };
  return { first: first + 1n, last: version === 4 ? last - 1n : last };
}

/** What a subnet hands out unless its owner says otherwise: all that hosts may have but the gateway. */
export function defaultPools(cidr: Cidr, gateway: bigint | null): AddressRange[] {
  const { first, last } = hostSpan(cidr);
  if (gateway === null || gateway < first || gateway > last) return [poolOf(cidr, { first, last })];
  return [
    { first, last: gateway - 1n },
    { first: gateway + 1n, last },
  ]
    .filter((span) => span.first <= span.last)
    .map((span) => poolOf(cidr, span));
}

function poolOf({ version }: Cidr, { first, last }: Span): AddressRange {
  return { start: addressText({ version, value: first }), end: addressText({ version, value: last }) };
}

/** Pools of a subnet as numbers; they are canonical text when they are stored. */
export function spanOfPool({ start, end }: AddressRange): Span {
  const [first, last] = [parseAddress(start), parseAddress(end)];
  if (first === undefined || last === undefined) throw new Error(`${start}-${end} is no range of addresses`);
  return { first: first.value, last: last.value };
}
