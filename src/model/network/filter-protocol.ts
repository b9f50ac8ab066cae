import type { SecurityGroupRule } from './security-group.ts';

/** Protocols by their number, where a name says the same. */
const NAMES: Readonly<Record<string, string>> = {
  ...{ 1: 'icmp', 2: 'igmp', 6: 'tcp', 17: 'udp', 50: 'esp', 51: 'ah' },
  ...{ 58: 'icmpv6', 132: 'sctp', 136: 'udplite', 'ipv6-icmp': 'icmpv6', any: 'all', 0: 'all' },
};
const KNOWN = ['tcp', 'udp', 'udplite', 'esp', 'ah', 'sctp'] as const;

/**
 * The protocol of a security group rule, as libvirt's filters name it
 * (https://libvirt.org/formatnwfilter.html); undefined for one that they cannot filter by. Pure.
 */
export function filterProtocolOf({
  protocol,
  ethertype,
}: Pick<SecurityGroupRule, 'protocol' | 'ethertype'>): string | undefined {
  const word = protocol === null ? 'all' : (NAMES[protocol.toLowerCase()] ?? protocol.toLowerCase());
  const isSix = ethertype === 'IPv6';
  if (word === 'icmp' || word === 'icmpv6') return isSix ? 'icmpv6' : word === 'icmp' ? 'icmp' : undefined;
  if (word === 'igmp') return isSix ? undefined : 'igmp';
  if (word !== 'all' && !KNOWN.some((known) => known === word)) return undefined;
  return isSix ? `${word}-ipv6` : word;
}
