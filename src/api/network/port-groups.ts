import { Failure } from '../../model/failure.ts';
import type { ProjectId } from '../../model/ids.ts';
import type { SecurityGroupId } from '../../model/network/network-ids.ts';
import { groupNotFound } from './refusals.ts';
import type { Writing } from './resource.ts';

/**
 * The security groups of a port: those that the request names, else the project's group `default`
 * (neutron/db/securitygroups_db.py _get_security_groups_on_port, _ensure_default_security_group_on_port).
 * @throws {Failure} `not-found` for a group of another project, `invalid` without port security
 */
export async function groupsOfPort(
  { store, caller, now }: Writing,
  of: {
    readonly project: ProjectId;
    readonly asked: readonly string[] | null | undefined;
    readonly portSecurity: boolean;
  },
): Promise<readonly SecurityGroupId[]> {
  const { project, asked, portSecurity } = of;
  if (asked === undefined)
    return portSecurity ? [(await store.securityGroups.defaultOf(project, now)).id] : [];
  const ids = [...new Set((asked ?? []).map((id) => id.toLowerCase() as SecurityGroupId))];
  if (ids.length > 0 && !portSecurity)
    throw new Failure(
      'invalid',
      'Port security must be enabled and port must have an IP address in order to use security groups.',
      { type: 'PortSecurityAndIPRequiredForSecurityGroups' },
    );
  for (const id of ids) {
    const group = await store.securityGroups.find(id);
    const isUsable = group !== undefined && (caller.isAdmin || group.projectId === project);
    if (!isUsable) throw groupNotFound(id);
  }
  return ids;
}
