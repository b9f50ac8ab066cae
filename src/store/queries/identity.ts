import type { Assignment } from '../../model/identity.ts';
import type { ProjectId, UserId } from '../../model/ids.ts';
import type { IdentityQueries } from '../promise/identity.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';
import { nounQueries } from './identity-noun.ts';

interface AssignmentRow {
  user_id: string;
  project_id: string;
  role_id: string;
}

const assign = statement((dialect, row: AssignmentRow) =>
  dialect.db
    .insertInto('assignments')
    .values(row)
    .onConflict((conflict) => conflict.doNothing()),
);

const unassign = statement((dialect, row: AssignmentRow) =>
  dialect.db
    .deleteFrom('assignments')
    .where('user_id', '=', row.user_id)
    .where('project_id', '=', row.project_id)
    .where('role_id', '=', row.role_id)
    .returning('role_id'),
);

interface AssignmentFilter {
  user: string | undefined;
  project: string | undefined;
  role: string | undefined;
}
const assignments = statement((dialect, { user, project, role }: AssignmentFilter) => {
  let query = dialect.db.selectFrom('assignments').selectAll();
  if (user !== undefined) query = query.where('user_id', '=', user);
  if (project !== undefined) query = query.where('project_id', '=', project);
  if (role !== undefined) query = query.where('role_id', '=', role);
  return query.orderBy('user_id').orderBy('project_id').orderBy('role_id');
});

/** Queries of one session: domains, projects, users, roles and role assignments. */
export function identityQueries(session: Session): IdentityQueries {
  return {
    domains: nounQueries(session, 'domains'),
    projects: nounQueries(session, 'projects'),
    users: nounQueries(session, 'users'),
    roles: nounQueries(session, 'roles'),
    assign: (assignment) => session.transaction(async (tx) => void (await assign(tx, rowOf(assignment)))),
    unassign: (assignment) =>
      session.transaction(async (tx) => (await unassign(tx, rowOf(assignment))).length > 0),
    async assignments({ userId, projectId, roleId }) {
      const rows = await assignments(session, { user: userId, project: projectId, role: roleId });
      return rows.map(assignmentOf);
    },
  };
}

function rowOf({ userId, projectId, roleId }: Assignment): AssignmentRow {
  return { user_id: userId, project_id: projectId, role_id: roleId };
}

function assignmentOf(row: AssignmentRow): Assignment {
  return { userId: row.user_id as UserId, projectId: row.project_id as ProjectId, roleId: row.role_id };
}
