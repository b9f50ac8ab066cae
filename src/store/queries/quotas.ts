import type { ProjectId } from '../../model/ids.ts';
import type { QuotaQueries } from '../promise/identity.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

const of = statement((dialect, { project }: { project: string }) =>
  dialect.db
    .selectFrom('quota_limits')
    .select(['resource', 'value'])
    .where('project_id', '=', project)
    .orderBy('resource'),
);

const ofAll = statement((dialect, { resources }: { resources: readonly string[] }) =>
  dialect.db
    .selectFrom('quota_limits')
    .select(['project_id', 'resource', 'value'])
    .where('resource', 'in', resources)
    .orderBy('project_id'),
);

const set = statement((dialect, row: { project_id: string; resource: string; value: number }) =>
  dialect.db
    .insertInto('quota_limits')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'resource']).doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })),
    ),
);

const reset = statement((dialect, of: { project: string; resources: readonly string[] }) =>
  dialect.db
    .deleteFrom('quota_limits')
    .where('project_id', '=', of.project)
    .where('resource', 'in', of.resources),
);

/** Queries of one session: the quota limits of projects. */
export function quotaQueries(session: Session): QuotaQueries {
  return {
    async of(project) {
      const rows = await of(session, { project });
      return Object.fromEntries(rows.map(({ resource, value }) => [resource, value]));
    },
    async ofAll(resources) {
      const rows = await ofAll(session, { resources });
      const byProject = Map.groupBy(rows, ({ project_id }) => project_id as ProjectId);
      return new Map(
        [...byProject].map(([project, own]) => [
          project,
          Object.fromEntries(own.map(({ resource, value }) => [resource, value])),
        ]),
      );
    },
    set: (project, limits) =>
      session.transaction(async (tx) => {
        for (const [resource, value] of Object.entries(limits))
          await set(tx, { project_id: project, resource, value });
      }),
    reset: (project, resources) =>
      session.transaction(async (tx) => void (await reset(tx, { project, resources }))),
  };
}
