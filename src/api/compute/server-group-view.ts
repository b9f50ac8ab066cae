import type { ServerGroup } from '../../model/server-group.ts';
import type { GroupMember } from '../../store/promise/groups.ts';
import type { Microversion } from '../http/microversion.ts';
import {
  anything,
  integer,
  listOf,
  mapOf,
  object,
  optional,
  since,
  text,
  texts,
  until,
} from '../http/shape.ts';

/**
 * A server group: owner from 2.13; from 2.64 policy and rules instead of policies and metadata (nova
 * server_groups.py _format_server_group).
 */
export function serverGroupView(
  { group, members }: { readonly group: ServerGroup; readonly members: readonly GroupMember[] },
  version: Microversion,
) {
  const { id, name, policy, maxServerPerHost, projectId, userId } = group;
  return {
    id,
    name,
    ...(version >= 64
      ? { policy, rules: maxServerPerHost === null ? {} : { max_server_per_host: maxServerPerHost } }
      : { policies: [policy], metadata: {} }),
    members: members.map((member) => member.id),
    ...(version >= 13 && { project_id: projectId, user_id: userId }),
  };
}

const groupShape = object(
  {
    id: text,
    name: text,
    policy: since(64, text),
    rules: since(64, object({ max_server_per_host: optional(integer) })),
    policies: until(63, texts),
    metadata: until(63, mapOf(anything)),
    members: texts,
    project_id: since(13, text),
    user_id: since(13, text),
  },
  'ServerGroup',
);

export const oneServerGroup = object({ server_group: groupShape });
export const serverGroupList = object({ server_groups: listOf(groupShape) });
