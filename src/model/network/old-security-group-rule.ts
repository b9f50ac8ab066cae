import { Failure } from '../failure.ts';
import { addressText, parseAddress } from './address.ts';
import { parseCidr } from './cidr.ts';

/** A rule as `POST /os-security-group-rules` names it. */
export interface OldRule {
  readonly ip_protocol?: string | null;
  readonly from_port?: string | number | null;
  readonly to_port?: string | number | null;
  readonly cidr?: string | null;
  readonly group_id?: string | null;
}

/** The same rule as `POST /v2.0/security-group-rules` names it. */
export interface IngressRule {
  readonly direction: 'ingress';
  readonly ethertype: 'IPv4' | 'IPv6';
  readonly protocol: string | null;
  readonly port_range_min: number | null;
  readonly port_range_max: number | null;
  readonly remote_ip_prefix: string | null;
  readonly remote_group_id: string | null;
}

interface Ports {
  readonly protocol: string | null;
  readonly from: number | null;
  readonly to: number | null;
}

const ANYWHERE = '0.0.0.0/0';
const MAX_SHOWN = 64;

/**
 * Reads a rule of Nova's proxy: ports may be left out where it lets in a group, and -1 means all
 * (nova/network/security_group_api.py _new_ingress_rule, _make_neutron_security_group_rules_list).
 * @throws {Failure} `invalid`, in Nova's words
 */
export function ingressRuleOf(asked: OldRule): IngressRule {
  const group = asked.group_id ?? null;
  const cidr = group === null ? cidrOf(asked.cidr) : null;
  const { protocol, from, to } = portsOf(asked, group !== null);
  if (group === null && protocol === null)
    throw new Failure('invalid', 'Not enough parameters to build a valid rule.');
  return {
    direction: 'ingress',
    ethertype: cidr?.includes(':') === true ? 'IPv6' : 'IPv4',
    protocol,
    port_range_min: from === -1 ? null : from,
    port_range_max: to === -1 ? null : to,
    remote_ip_prefix: cidr,
    remote_group_id: group,
  };
}

function cidrOf(text: string | null | undefined): string {
  if (text == null || text === '') return ANYWHERE;
  const address = parseAddress(text);
  const cidr = parseCidr(
    address === undefined ? text : `${addressText(address)}/${widthOf(address.version)}`,
  );
  if (cidr === undefined) throw new Failure('invalid', `Invalid cidr ${text.slice(0, MAX_SHOWN)}.`);
  return cidr.text;
}

function widthOf(version: 4 | 6): number {
  return version === 4 ? 32 : 128;
}

function portsOf({ ip_protocol, from_port, to_port }: OldRule, hasGroup: boolean): Ports {
  const none = { protocol: null, from: null, to: null };
  if (ip_protocol == null || ip_protocol === '') return none;
  const protocol = ip_protocol.toLowerCase();
  if (from_port == null || to_port == null) {
    const isOpen = hasGroup && from_port == null && to_port == null;
    if (isOpen && protocol === 'icmp') return { protocol, from: -1, to: -1 };
    return isOpen && isWithPorts(protocol) ? { protocol, from: 1, to: 65_535 } : none;
  }
  const [from, to] = [whole(from_port, protocol), whole(to_port, protocol)];
  if (protocol !== 'icmp' && !isWithPorts(protocol))
    throw new Failure('invalid', `Invalid IP protocol ${ip_protocol.slice(0, MAX_SHOWN)}.`);
  requireRange({ protocol, from, to });
  return { protocol, from, to };
}

function isWithPorts(protocol: string): boolean {
  return protocol === 'tcp' || protocol === 'udp';
}

function whole(value: string | number, protocol: string): number {
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isSafeInteger(number)) return number;
  const why =
    protocol === 'icmp'
      ? 'Type and Code must be integers for ICMP protocol type'
      : 'To and From ports must be integers';
  throw new Failure('invalid', `Invalid input received: ${why}`);
}

function requireRange({ protocol, from, to }: { protocol: string; from: number; to: number }): void {
  const refuse = (why: string) => new Failure('invalid', `Invalid port range ${from}:${to}. ${why}`);
  if (protocol === 'icmp') {
    if (from < -1 || from > 255 || to < -1 || to > 255) throw refuse('For ICMP, the type:code must be valid');
    return;
  }
  if (from > to) throw refuse('Former value cannot be greater than the later');
  if (from < 1 || to > 65_535)
    throw refuse(`Valid ${protocol.toUpperCase()} ports should be between 1-65535`);
}
