import type { ProjectId } from '../../model/ids.ts';
import { Type } from '../../model/schema.ts';
import type { Usage } from '../../store/promise/servers.ts';
import { forbidden } from '../http/access.ts';
import type { Microversion } from '../http/microversion.ts';
import { type Route, route } from '../http/route.ts';
import { limitsOf, type QuotaLimitsByName } from './quota.ts';
import { limitsShape } from './small-shapes.ts';
import { strictFrom275 } from './strict-query.ts';

/**
 * Limits and usage of a project (nova/api/openstack/compute/views/limits.py ViewBuilder.build). 2.36, 2.39
 * and 2.57 remove fields.
 */
export function limitsView(
  of: { readonly limits: QuotaLimitsByName; readonly used: Usage; readonly groups: number },
  version: Microversion,
): Record<string, number> {
  const { limits, used, groups } = of;
  return {
    maxTotalInstances: limits.instances,
    maxTotalCores: limits.cores,
    maxTotalRAMSize: limits.ram,
    maxServerMeta: limits.metadata_items,
    ...(version < 39 && { maxImageMeta: limits.metadata_items }),
    ...(version < 57 && {
      maxPersonality: limits.injected_files,
      maxPersonalitySize: limits.injected_file_content_bytes,
    }),
    maxTotalKeypairs: limits.key_pairs,
    maxServerGroups: limits.server_groups,
    maxServerGroupMembers: limits.server_group_members,
    ...(version < 36 && {
      maxTotalFloatingIps: limits.floating_ips,
      maxSecurityGroups: limits.security_groups,
      maxSecurityGroupRules: limits.security_group_rules,
      totalFloatingIpsUsed: 0,
      totalSecurityGroupsUsed: 0,
    }),
    totalRAMUsed: used.ramMb,
    totalCoresUsed: used.cores,
    totalInstancesUsed: used.instances,
    totalServerGroupsUsed: groups,
  };
}

/** https://docs.openstack.org/api-ref/compute/#limits-limits */
export const limitRoutes: Route[] = strictFrom275(
  route({
    method: 'GET',
    path: '/limits',
    access: 'reader',
    policy: 'os_compute_api:limits',
    summary: 'Show what the project may have and what it has',
    schemas: { query: Type.Object({ tenant_id: Type.Optional(Type.String()) }) },
    status: 200,
    response: limitsShape,
    handle: async ({ parts, query, caller, version }) => {
      if (query.tenant_id !== undefined && !caller.isAdmin)
        throw forbidden('os_compute_api:limits:other_project');
      const project = (query.tenant_id ?? caller.projectId ?? '') as ProjectId;
      const [limits, used, groups] = await Promise.all([
        limitsOf(project, parts.store, parts.config),
        parts.store.servers.usageOf(project),
        parts.store.groups.count(project),
      ]);
      return { limits: { rate: [], absolute: limitsView({ limits, used, groups }, version) } };
    },
  }),
);
