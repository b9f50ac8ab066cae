import { createHash } from 'node:crypto';
import type { ServerId } from '../../../model/ids.ts';

/**
 * The MAC address of a server's interface: OpenStack's prefix and three bytes derived from the server's id,
 * so that it never changes.
 */
export function macAddressOf(server: ServerId, index = 0): string {
  const digest = createHash('sha256').update(`${server}/${index}`).digest();
  const tail = [...digest.subarray(0, 3)].map((byte) => byte.toString(16).padStart(2, '0'));
  return ['fa', '16', '3e', ...tail].join(':');
}
