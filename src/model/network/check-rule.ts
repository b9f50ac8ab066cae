import { Failure } from '../failure.ts';
import { parseAddress } from './address.ts';
import { parseCidr } from './cidr.ts';
import type { SecurityGroupRule } from './security-group.ts';

/** The traffic that a rule lets through. */
export type RuleMatch = Pick<
  SecurityGroupRule,
  'ethertype' | 'protocol' | 'portRangeMin' | 'portRangeMax' | 'remoteIpPrefix' | 'remoteGroupId'
>;

/** Protocols that hosts can filter by, and their numbers. */
const NUMBERS = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  sctp: 132,
  udplite: 136,
} as const;
const OTHER_NAMES: Readonly<Record<string, keyof typeof NUMBERS>> = { icmpv6: 'ipv6-icmp' };
const WITH_PORTS: readonly (string | undefined)[] = ['tcp', 'udp', 'sctp', 'udplite'];
const MAX_SHOWN = 64;

/**
 * Checks a rule, and brings it into the form in which it is stored (neutron/db/securitygroups_db.py
 * _validate_security_group_rule).
 * @throws {Failure} `invalid`
 */
export function checkedRule(rule: RuleMatch): RuleMatch {
  for (const port of [rule.portRangeMin, rule.portRangeMax])
    if (port !== null && (port < 0 || port > 65_535)) throw invalidPort(port);
  const protocol = protocolOf(rule);
  const name = nameOf(protocol);
  requirePorts(rule, name);
  if (name === 'igmp' && rule.ethertype === 'IPv6') throw conflicting(rule);
  if (name === 'ipv6-icmp' && rule.ethertype === 'IPv4') throw conflicting(rule);
  if (rule.remoteIpPrefix !== null && rule.remoteGroupId !== null)
    throw refused(
      'SecurityGroupMultipleRemoteEntites',
      'Only one of remote_ip_prefix or remote_group_id may be provided.',
    );
  return { ...rule, protocol, remoteIpPrefix: prefixOf(rule) };
}

/** ICMP of IPv6 has one name (_make_canonical_ipv6_icmp_protocol). */
function protocolOf({ protocol, ethertype }: RuleMatch): string | null {
  const word = protocol?.toLowerCase() ?? 'any';
  if (word === 'any' || word === '') return null;
  const name = nameOf(word);
  if (name === undefined)
    throw refused(
      'SecurityGroupRuleInvalidProtocol',
      `Security group rule protocol ${shown(word)} not supported. Only protocol values ${Object.keys(NUMBERS).join(', ')}, any and their numbers are supported.`,
    );
  if (ethertype === 'IPv6' && name === 'icmp') return 'ipv6-icmp';
  return name === 'ipv6-icmp' ? name : word;
}

function nameOf(word: string | null): keyof typeof NUMBERS | undefined {
  if (word === null) return undefined;
  if (Object.hasOwn(OTHER_NAMES, word)) return OTHER_NAMES[word];
  const names = Object.keys(NUMBERS) as (keyof typeof NUMBERS)[];
  return names.find((name) => name === word || String(NUMBERS[name]) === word);
}

function requirePorts({ protocol, portRangeMin, portRangeMax }: RuleMatch, name: string | undefined): void {
  if (portRangeMin === null && portRangeMax === null) return;
  if (name === undefined)
    throw refused(
      'SecurityGroupProtocolRequiredWithPorts',
      'Must also specify protocol if port range is given.',
    );
  if (name === 'icmp' || name === 'ipv6-icmp') requireIcmp({ type: portRangeMin, code: portRangeMax });
  else if (!WITH_PORTS.includes(name))
    throw refused(
      'SecurityGroupInvalidProtocolForPort',
      `Ports cannot be specified for protocol ${protocol}. Ports are only supported for ${WITH_PORTS.join(', ')}.`,
    );
  else if (portRangeMin === 0 || portRangeMax === 0) throw invalidPort(0);
  else if (portRangeMin === null || portRangeMax === null || portRangeMin > portRangeMax)
    throw refused(
      'SecurityGroupInvalidPortRange',
      `For TCP/UDP protocols, port_range_min must be <= port_range_max: given are ${portRangeMin} and ${portRangeMax}.`,
    );
}

function requireIcmp({ type, code }: { readonly type: number | null; readonly code: number | null }): void {
  for (const [field, attribute, value] of [
    ['type', 'port_range_min', type],
    ['code', 'port_range_max', code],
  ] as const)
    if (value !== null && value > 255)
      throw refused(
        'SecurityGroupInvalidIcmpValue',
        `Invalid value for ICMP ${field} (${attribute}) ${value}. It must be 0 to 255.`,
      );
  if (type === null)
    throw refused(
      'SecurityGroupMissingIcmpType',
      `ICMP code (port-range-max) ${code} is provided but ICMP type (port-range-min) is missing.`,
    );
}

/** Canonical; an address alone is a block of one. */
function prefixOf({ remoteIpPrefix: text, ethertype }: RuleMatch): string | null {
  if (text === null) return null;
  const address = parseAddress(text);
  const cidr = parseCidr(address === undefined ? text : `${text}/${address.version === 4 ? 32 : 128}`);
  if (cidr === undefined) throw refused('InvalidCIDR', `Invalid CIDR ${shown(text)} given as IP prefix.`);
  if (ethertype !== `IPv${cidr.version}`)
    throw refused(
      'SecurityGroupRuleParameterConflict',
      `Conflicting value ethertype ${ethertype} for CIDR ${cidr.text}`,
    );
  return cidr.text;
}

/** neutron/extensions/securitygroup.py convert_validate_port_value */
function invalidPort(port: number): Failure {
  return refused('SecurityGroupInvalidPortValue', `Invalid value for port ${port}`);
}

function conflicting({ ethertype, protocol }: RuleMatch): Failure {
  return refused(
    'SecurityGroupEthertypeConflictWithProtocol',
    `Invalid ethertype ${ethertype} for protocol ${protocol}.`,
  );
}

function shown(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function refused(type: string, message: string): Failure {
  return new Failure('invalid', message, { type });
}
