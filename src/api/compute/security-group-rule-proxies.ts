import { ingressRuleOf } from '../../model/network/old-security-group-rule.ts';
import type { SecurityGroupRule } from '../../model/network/security-group.ts';
import { Type } from '../../model/schema.ts';
import { type Route, route } from '../http/route.ts';
import { object } from '../http/shape.ts';
import { reading } from '../network/resource.ts';
import { requireVisible } from '../network/resource-page.ts';
import { securityGroupRules } from '../network/security-group-rules.ts';
import { securityGroups } from '../network/security-groups.ts';
import { makeRows, removeRow } from '../network/write-rows.ts';
import { asNovaRefuses, NamedGroup, requireGroupId } from './security-group-proxies.ts';
import { oldRule, securityGroupRuleView } from './security-group-view.ts';

const old = { until: '2.35', access: 'member' } as const;
const Port = Type.Optional(Type.Union([Type.Integer(), Type.String({ maxLength: 16 }), Type.Null()]));
const Text = Type.Optional(Type.Union([Type.String({ maxLength: 255 }), Type.Null()]));
const CreateRule = Type.Object({
  security_group_rule: Type.Object({
    parent_group_id: Type.Optional(Type.Union([Type.String({ maxLength: 255 }), Type.Integer()])),
    ip_protocol: Text,
    from_port: Port,
    to_port: Port,
    cidr: Text,
    group_id: Text,
  }),
});

/** Rules of security groups as clients below 2.36 write them (nova SecurityGroupRulesController). */
export const securityGroupRuleProxyRoutes: readonly Route[] = [
  route({
    ...old,
    method: 'POST',
    path: '/os-security-group-rules',
    policy: 'os_compute_api:os-security-groups:rule:create',
    summary: 'Create a rule of a security group, for incoming traffic',
    schemas: { body: CreateRule },
    status: 200,
    response: object({ security_group_rule: oldRule }),
    async handle(context) {
      const { parent_group_id: parent, ...asked } = context.body.security_group_rule;
      const parentId = requireGroupId(String(parent ?? ''));
      const at = reading(context);
      const group = await requireVisible(securityGroups, at, parentId);
      const remote =
        asked.group_id == null
          ? undefined
          : await requireVisible(securityGroups, at, requireGroupId(asked.group_id));
      const fields = { security_group_id: group.id, ...ingressRuleOf(asked) };
      const [rule] = await asNovaRefuses(makeRows(securityGroupRules, context, [fields]), 'over-quota');
      const others = remote === undefined ? [] : [remote];
      return { security_group_rule: securityGroupRuleView(rule as SecurityGroupRule, others) };
    },
  }),
  route({
    ...old,
    method: 'DELETE',
    path: '/os-security-group-rules/:id',
    policy: 'os_compute_api:os-security-groups:rule:delete',
    summary: 'Delete a rule of a security group',
    schemas: { params: NamedGroup },
    status: 202,
    response: 'nothing',
    async handle(context) {
      requireGroupId(context.params.id);
      await removeRow(securityGroupRules, context);
    },
  }),
];
