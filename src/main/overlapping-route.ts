import { parseCidr } from '../model/network/cidr.ts';

/**
 * The first IPv4 route of a host, other than the default one, that shares addresses with a block. Pure.
 * @param routes the text of `/proc/net/route`
 * @returns the route as `CIDR (device)`
 */
export function overlappingRoute(routes: string, block: string): string | undefined {
  const wanted = parseCidr(block);
  for (const line of routes.split('\n').slice(1)) {
    const [device, destination, , , , , , mask] = line.split('\t');
    if (destination === undefined || mask === undefined || Number.parseInt(mask, 16) === 0) continue;
    const prefix = bitsSet(Number.parseInt(mask, 16));
    const route = parseCidr(`${dotted(destination)}/${prefix}`);
    if (route === undefined || wanted === undefined) continue;
    if (route.first <= wanted.last && wanted.first <= route.last) return `${route.text} (${device})`;
  }
  return undefined;
}

/** The kernel writes addresses as it holds them in memory: the first byte is the last pair of digits. */
function dotted(hex: string): string {
  return (hex.match(/../g) ?? [])
    .reverse()
    .map((pair) => Number.parseInt(pair, 16))
    .join('.');
}

function bitsSet(value: number): number {
  return [...value.toString(2)].filter((bit) => bit === '1').length;
}
