import type { Port } from '../../../model/network/port.ts';
import { type Route, route } from '../../http/route.ts';
import { securityGroupList, securityGroupView } from '../security-group-view.ts';
import { ServerParams } from './field-schemas.ts';
import { foundServer } from './found-server.ts';

/** More than the ports of one server have, and than a rule can name. */
const MOST = 10_000;

/** nova/api/openstack/compute/security_groups.py ServerSecurityGroupController.index */
export const securityGroupRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/servers/:server_id/os-security-groups',
    access: 'reader',
    policy: 'os_compute_api:os-security-groups:list',
    summary: "List the security groups of a server's ports",
    status: 200,
    response: securityGroupList,
    schemas: { params: ServerParams },
    async handle(context) {
      const { store } = context.parts;
      const { id, projectId } = await foundServer(context, context.params.server_id);
      const ports = (await store.ports.ofServers([id])).get(id) ?? [];
      const ids = ports.flatMap(({ securityGroupIds }: Port) => securityGroupIds);
      if (ids.length === 0) return { security_groups: [] };
      const groups = await store.securityGroups.list({ ids }, { limit: MOST });
      const others = await store.securityGroups.list({ projectIds: [projectId] }, { limit: MOST });
      const shown = ids.flatMap((each) => groups.filter((group) => group.id === each));
      shown.sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
      return { security_groups: shown.map((group) => securityGroupView(group, others)) };
    },
  }),
];
