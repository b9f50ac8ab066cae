import type { Assignment, Domain, Project, Role, User } from '../../model/identity.ts';
import type { ProjectId, UserId } from '../../model/ids.ts';
import type { Store } from '../../store/promise/store.ts';
import { type Route, route } from '../http/route.ts';
import { AnyQuery, flag, given, type QueryValues } from './filters.ts';
import { withImplied } from './implied-roles.ts';
import { roleAssignments } from './shapes.ts';
import { listLinks } from './views.ts';

/** An assignment; for an implied role, also the role that implies it. */
interface Effective extends Assignment {
  readonly priorRoleId: string | null;
}

interface Names {
  readonly users: ReadonlyMap<string, User>;
  readonly projects: ReadonlyMap<string, Project>;
  readonly roles: ReadonlyMap<string, Role>;
  readonly domains: ReadonlyMap<string, Domain>;
}

/** GET /v3/role_assignments. */
export const roleAssignmentRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v3/role_assignments',
    access: 'admin',
    policy: 'identity:list_role_assignments',
    summary: 'List role assignments',
    schemas: { query: AnyQuery },
    status: 200,
    response: roleAssignments,
    handle: async ({ base, query, parts }) => {
      const assignments = await assignmentsFor(parts.store, query);
      const names = flag(query, 'include_names') ? await namesIn(parts.store) : undefined;
      return {
        role_assignments: assignments.map((assignment) => view(assignment, base, names)),
        links: listLinks(`${base}/v3/role_assignments`),
      };
    },
  }),
];

async function assignmentsFor(store: Store, query: QueryValues): Promise<Effective[]> {
  const elsewhere = ['group.id', 'scope.domain.id', 'scope.system', 'scope.OS-INHERIT:inherited_to'];
  if (elsewhere.some((key) => query[key] !== undefined)) return [];
  const { userId, projectId, roleId } = given(query, {
    userId: 'user.id',
    projectId: 'scope.project.id',
    roleId: 'role.id',
  });
  const direct = await store.identity.assignments({
    ...(userId === undefined ? {} : { userId: userId as UserId }),
    ...(projectId === undefined ? {} : { projectId: projectId as ProjectId }),
  });
  const all = flag(query, 'effective')
    ? expanded(direct, await store.identity.roles.list({}))
    : direct.map((assignment) => ({ ...assignment, priorRoleId: null }));
  return roleId === undefined ? all : all.filter((assignment) => assignment.roleId === roleId);
}

function expanded(direct: readonly Assignment[], roles: readonly Role[]): Effective[] {
  const seen = new Map<string, Effective>();
  const add = (effective: Effective) => {
    const key = [effective.userId, effective.projectId, effective.roleId].join(' ');
    if (!seen.has(key)) seen.set(key, effective);
  };
  for (const assignment of direct) add({ ...assignment, priorRoleId: null });
  for (const assignment of direct) {
    const role = roles.find(({ id }) => id === assignment.roleId);
    for (const implied of role === undefined ? [] : withImplied([role], roles))
      add({ ...assignment, roleId: implied.id, priorRoleId: assignment.roleId });
  }
  return [...seen.values()];
}

async function namesIn({ identity }: Store): Promise<Names> {
  return {
    users: byId(await identity.users.list({})),
    projects: byId(await identity.projects.list({})),
    roles: byId(await identity.roles.list({})),
    domains: byId(await identity.domains.list({})),
  };
}

function byId<T extends { readonly id: string }>(rows: readonly T[]): Map<string, T> {
  return new Map(rows.map((row) => [row.id, row]));
}

function view(assignment: Effective, base: string, names: Names | undefined) {
  const { userId, projectId, roleId, priorRoleId } = assignment;
  const granted = `${base}/v3/projects/${projectId}/users/${userId}/roles/${priorRoleId ?? roleId}`;
  return {
    role: { id: roleId, ...(names && { name: names.roles.get(roleId)?.name }) },
    user: { id: userId, ...named(names?.users.get(userId), names) },
    scope: { project: { id: projectId, ...named(names?.projects.get(projectId), names) } },
    links: {
      assignment: granted,
      ...(priorRoleId === null ? {} : { prior_role: `${base}/v3/roles/${priorRoleId}` }),
    },
  };
}

function named(thing: User | Project | undefined, names: Names | undefined) {
  if (thing === undefined) return {};
  const domain = names?.domains.get(thing.domainId);
  return { name: thing.name, domain: { id: thing.domainId, name: domain?.name } };
}
