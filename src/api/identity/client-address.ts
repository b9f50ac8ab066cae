import { isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Applicant } from './fair-queue.ts';

/** Groups of an IPv6 address that name a network. One client may use all addresses of its network. */
const NETWORK_GROUPS = 4;

/**
 * The client that an address counts as in fair queues: an IPv4 address itself, or the /64 network of an IPv6
 * address.
 */
export function clientOf(address: string | undefined): string {
  if (address === undefined) return '';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return address;
  const [head = '', tail] = bare.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...after];
  return groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => group.toLowerCase())
    .join(':');
}

/** The applicant for a password check or hash. @param user as the request names it */
export function applicantOf(request: FastifyRequest, user: string): Applicant {
  return { address: clientOf(request.ip), user };
}
