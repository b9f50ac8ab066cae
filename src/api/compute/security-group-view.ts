import type { SecurityGroup, SecurityGroupRule } from '../../model/network/security-group.ts';
import { anyOf, integerOrNull, listOf, object, text, textOrNull } from '../http/shape.ts';

export const oldRule = object(
  {
    id: text,
    parent_group_id: text,
    ip_protocol: textOrNull,
    from_port: integerOrNull,
    to_port: integerOrNull,
    group: anyOf(object({}), object({ name: text, tenant_id: text })),
    ip_range: anyOf(object({}), object({ cidr: text })),
  },
  'OldSecurityGroupRule',
);
const group = object(
  { id: text, name: text, description: text, tenant_id: text, rules: listOf(oldRule) },
  'OldSecurityGroup',
);

export const oneSecurityGroup = object({ security_group: group });
export const securityGroupList = object({ security_groups: listOf(group) });

const ANYWHERE = { IPv4: '0.0.0.0/0', IPv6: '::/0' } as const;

/**
 * A security group as Nova shows it: its rules for incoming traffic only (nova/api/openstack/compute/
 * security_groups.py SecurityGroupControllerBase._format_security_group, nova/network/security_group_api.py
 * _convert_to_nova_security_group_format).
 * @param others groups that rules name, to show their names
 */
export function securityGroupView(group: SecurityGroup, others: readonly SecurityGroup[]): object {
  const { id, name, description, projectId } = group;
  const incoming = group.rules.filter(({ direction }) => direction === 'ingress');
  return {
    id,
    name,
    description,
    tenant_id: projectId,
    rules: incoming.map((rule) => securityGroupRuleView(rule, others)),
  };
}

/** nova/network/security_group_api.py _convert_to_nova_security_group_rule_format */
export function securityGroupRuleView(rule: SecurityGroupRule, others: readonly SecurityGroup[]): object {
  const remote = others.find(({ id }) => id === rule.remoteGroupId);
  const [from, to] = portRange(rule);
  const cidr = rule.remoteIpPrefix ?? ANYWHERE[rule.ethertype];
  return {
    id: rule.id,
    parent_group_id: rule.groupId,
    ip_protocol: rule.protocol,
    from_port: from,
    to_port: to,
    group: remote === undefined ? {} : { name: remote.name, tenant_id: remote.projectId },
    ip_range: rule.remoteGroupId === null ? { cidr } : {},
  };
}

/** "All ports" is written out, in the numbers that the protocol has. */
function portRange({
  protocol,
  portRangeMin,
  portRangeMax,
}: SecurityGroupRule): [number | null, number | null] {
  if (protocol === null || portRangeMin !== null || portRangeMax !== null)
    return [portRangeMin, portRangeMax];
  return protocol === 'tcp' || protocol === 'udp' ? [1, 65_535] : [-1, -1];
}
