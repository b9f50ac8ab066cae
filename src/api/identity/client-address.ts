import { isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Applicant } from './fair-queue.ts';

/** Groups of an IPv6 address that name a network: one client has all addresses of it. */
const NETWORK_GROUPS = 4;

/**
 * What an address counts as where clients take turns: an IPv4 address as it is, of an IPv6 address the /64
 * that it is in.
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

/** Who a request has a password checked or made for. @param user as the request names it */
export function applicantOf(request: FastifyRequest, user: string): Applicant {
  return { address: clientOf(request.ip), user };
}
