import type { SecurityGroupRule } from '../../model/network/security-group.ts';
import { integer, integerOrNull, object, text, textOrNull, texts, time, word } from '../http/shape.ts';
import { timeText } from './common-view.ts';
import type { View } from './resource.ts';

export const ruleShape = object(
  {
    id: text,
    security_group_id: text,
    project_id: text,
    tenant_id: text,
    description: text,
    direction: word('ingress', 'egress'),
    ethertype: word('IPv4', 'IPv6'),
    protocol: textOrNull,
    port_range_min: integerOrNull,
    port_range_max: integerOrNull,
    remote_ip_prefix: textOrNull,
    remote_group_id: textOrNull,
    tags: texts,
    revision_number: integer,
    created_at: time,
    updated_at: time,
  },
  'SecurityGroupRule',
);

/** A rule as Neutron shows it. Rules do not change: they have one revision. */
export function ruleView(rule: SecurityGroupRule): View {
  return {
    id: rule.id,
    security_group_id: rule.groupId,
    project_id: rule.projectId,
    tenant_id: rule.projectId,
    description: rule.description,
    direction: rule.direction,
    ethertype: rule.ethertype,
    protocol: rule.protocol,
    port_range_min: rule.portRangeMin,
    port_range_max: rule.portRangeMax,
    remote_ip_prefix: rule.remoteIpPrefix,
    remote_group_id: rule.remoteGroupId,
    tags: [],
    revision_number: 0,
    created_at: timeText(rule.createdAt),
    updated_at: timeText(rule.createdAt),
  };
}
