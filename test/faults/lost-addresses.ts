import assert from 'node:assert/strict';
import { addressKey, parseAddress, valueOfKey } from '../../src/model/network/address.ts';

/** All addresses that are free or claimed, at one moment: `key|key` a range. */
export const KNOWN_ADDRESSES =
  'select first, last from free_addresses union all select key, key from port_addresses';

/**
 * How many addresses of the pools are neither free nor claimed by a port: nobody can ever have them.
 * @param ranges the rows of {@link KNOWN_ADDRESSES}
 */
export function lostAddresses(
  pools: readonly { readonly start: string; readonly end: string }[],
  ranges: readonly { readonly first: string; readonly last: string }[],
): bigint {
  const all = pools.map(({ start, end }) => sizeOf({ first: keyOf(start), last: keyOf(end) }));
  return sumOf(all) - sumOf(ranges.map(sizeOf));
}

function sizeOf({ first, last }: { readonly first: string; readonly last: string }): bigint {
  return valueOfKey(last) - valueOfKey(first) + 1n;
}

function sumOf(sizes: readonly bigint[]): bigint {
  return sizes.reduce((sum, size) => sum + size, 0n);
}

function keyOf(text: string): string {
  const address = parseAddress(text);
  assert.ok(address, text);
  return addressKey(address);
}
