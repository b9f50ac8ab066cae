import { Failure } from '../../../model/failure.ts';
import type { ProjectId } from '../../../model/ids.ts';
import type { SecurityGroupId } from '../../../model/network/network-ids.ts';
import type { SecurityGroup } from '../../../model/network/security-group.ts';
import type { ApiDependencies } from '../../http/dependencies.ts';

/** More than a project has. */
const MOST = 10_000;
/** The group that a port has unless others are named (nova/network/constants.py DEFAULT_SECGROUP). */
const DEFAULT = 'default';

/**
 * The security groups that a request names, by id or name; empty for the group `default` alone, which ports
 * have by themselves (nova/network/neutron.py API._clean_security_groups, API._process_security_groups).
 * @throws {Failure} `invalid` for one that the project does not have, `conflict` for a name of several
 */
export async function requestedSecurityGroups(
  parts: ApiDependencies,
  project: ProjectId,
  names: readonly string[],
): Promise<SecurityGroupId[]> {
  const wanted = [...new Set(names)];
  if (wanted.every((name) => name === DEFAULT)) return [];
  const groups = await groupsOf(parts, project);
  return wanted.map((name) => {
    const group = groupNamed(groups, name);
    if (group !== undefined) return group.id;
    throw new Failure('invalid', `Security group ${name} not found.`);
  });
}

/** A project's security groups, `default` among them. */
export async function groupsOf(
  { store, now }: ApiDependencies,
  project: ProjectId,
): Promise<readonly SecurityGroup[]> {
  await store.securityGroups.defaultOf(project, now());
  return store.securityGroups.list({ projectIds: [project] }, { limit: MOST });
}

/** @throws {Failure} `conflict` when several have the name */
export function groupNamed(groups: readonly SecurityGroup[], name: string): SecurityGroup | undefined {
  const lower = name.toLowerCase();
  const byId = groups.find(({ id }) => id === lower);
  if (byId !== undefined) return byId;
  const [first, second] = groups.filter((group) => group.name === name);
  if (second !== undefined)
    throw new Failure(
      'conflict',
      `Multiple security groups found matching '${name}'. Use an ID to be more specific.`,
    );
  return first;
}
