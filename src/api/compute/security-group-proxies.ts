import { Failure } from '../../model/failure.ts';
import { isUuid } from '../../model/ids.ts';
import type { SecurityGroupId } from '../../model/network/network-ids.ts';
import { Type } from '../../model/schema.ts';
import { type Route, route } from '../http/route.ts';
import { oneSecurityGroup, securityGroupList, securityGroupView } from './security-group-view.ts';

/** The last microversion with proxies for networks (nova MAX_PROXY_API_SUPPORT_VERSION). */
const old = { until: '2.35' } as const;
/** More groups than a project has. */
const MOST = 10_000;

/** Security groups as clients below 2.36 ask Nova for them (nova SecurityGroupController). */
export const securityGroupProxyRoutes: readonly Route[] = [
  route({
    ...old,
    method: 'GET',
    path: '/os-security-groups',
    access: 'reader',
    policy: 'os_compute_api:os-security-groups:get',
    summary: "List the project's security groups",
    status: 200,
    response: securityGroupList,
    async handle({ parts, caller }) {
      if (caller.projectId === null) return { security_groups: [] };
      await parts.store.securityGroups.defaultOf(caller.projectId, parts.now());
      const groups = await parts.store.securityGroups.list(
        { projectIds: [caller.projectId] },
        { limit: MOST, sort: [{ key: 'name', direction: 'asc' }] },
      );
      return { security_groups: groups.map((group) => securityGroupView(group, groups)) };
    },
  }),
  route({
    ...old,
    method: 'GET',
    path: '/os-security-groups/:id',
    access: 'reader',
    policy: 'os_compute_api:os-security-groups:show',
    summary: 'Show a security group',
    schemas: { params: Type.Object({ id: Type.String() }) },
    status: 200,
    response: oneSecurityGroup,
    async handle({ parts, caller, params: { id } }) {
      if (!isUuid(id)) throw new Failure('invalid', 'Security group id should be uuid');
      const { securityGroups } = parts.store;
      const group = await securityGroups.find(id as SecurityGroupId);
      if (group === undefined || (!caller.isAdmin && group.projectId !== caller.projectId))
        throw new Failure('not-found', `Security group ${id} not found.`);
      const others = await securityGroups.list({ projectIds: [group.projectId] }, { limit: MOST });
      return { security_group: securityGroupView(group, others) };
    },
  }),
];
