import type { Static } from 'typebox';
import { Failure } from '../../../../model/failure.ts';
import type { Port } from '../../../../model/network/port.ts';
import type { SecurityGroup } from '../../../../model/network/security-group.ts';
import { Type } from '../../../../model/schema.ts';
import type { Server } from '../../../../model/server.ts';
import type { Route } from '../../../http/route.ts';
import { changePorts } from '../change-ports.ts';
import { requesterOf } from '../found-server.ts';
import { groupNamed, groupsOf } from '../requested-security-groups.ts';
import { type ActionRequest, action } from './action.ts';

const Named = Type.Object({ name: Type.String({ minLength: 1, maxLength: 255 }) });
type Asked = ActionRequest<Static<typeof Named>>;

/** nova/api/openstack/compute/security_groups.py SecurityGroupActionController */
export const securityGroupActions: readonly Route[] = [
  action({
    key: 'addSecurityGroup',
    access: 'member',
    policy: 'os_compute_api:os-security-groups:add',
    summary: "Add a security group to a server's ports",
    schema: Named,
    async handle(asked) {
      const group = await groupOf(asked);
      await changePorts(asked.context, asked.server, (ports) => {
        requirePorts(ports, asked.server);
        if (!ports.every(takesGroups)) throw cannotBeApplied();
        return ports
          .filter(({ securityGroupIds }) => !securityGroupIds.includes(group.id))
          .map((port) => [port, { securityGroupIds: [...port.securityGroupIds, group.id] }] as const);
      });
    },
  }),
  action({
    key: 'removeSecurityGroup',
    access: 'member',
    policy: 'os_compute_api:os-security-groups:remove',
    summary: "Remove a security group from a server's ports",
    schema: Named,
    async handle(asked) {
      const group = await groupOf(asked);
      const { server, body } = asked;
      await changePorts(asked.context, server, (ports) => {
        requirePorts(ports, server);
        const having = ports.filter(({ securityGroupIds }) => securityGroupIds.includes(group.id));
        if (having.length === 0)
          throw new Failure(
            'not-found',
            `Security group ${body.name} not associated with the instance ${server.id}`,
          );
        return having.map((port) => {
          const securityGroupIds = port.securityGroupIds.filter((id) => id !== group.id);
          return [port, { securityGroupIds }] as const;
        });
      });
    },
  }),
];

function requirePorts(ports: readonly Port[], { id }: Server): void {
  if (ports.length === 0)
    throw new Failure('not-found', `instance_id ${id} could not be found as device id on any ports`);
}

/** nova/network/security_group_api.py _has_security_group_requirements */
function takesGroups({ portSecurityEnabled, fixedIps }: Port): boolean {
  return portSecurityEnabled && fixedIps.length > 0;
}

function cannotBeApplied(): Failure {
  return new Failure(
    'invalid',
    'Network requires port_security_enabled and subnet associated in order to apply security groups.',
  );
}

/** @throws {Failure} `not-found` */
async function groupOf({ context, body }: Asked): Promise<SecurityGroup> {
  const { projectId } = requesterOf(context);
  const group = groupNamed(await groupsOf(context.parts, projectId), body.name);
  if (group !== undefined) return group;
  throw new Failure('not-found', `Security group ${body.name} is not found for project ${projectId}`);
}
