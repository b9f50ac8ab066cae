import type { Selectable } from 'kysely';
import { Failure } from '../../model/failure.ts';
import type { Token } from '../../model/identity.ts';
import type { ProjectId, UserId } from '../../model/ids.ts';
import type { TokenQueries } from '../promise/identity.ts';
import type { TokensTable } from '../sql/schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

type Row = Selectable<TokensTable>;

const insert = statement((dialect, row: Row) =>
  dialect.db
    .insertInto('tokens')
    .values(row)
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .returning('hash'),
);

const find = statement((dialect, of: { hash: string }) =>
  dialect.db.selectFrom('tokens').selectAll().where('hash', '=', of.hash),
);

const remove = statement((dialect, of: { hash: string }) =>
  dialect.db.deleteFrom('tokens').where('hash', '=', of.hash).returning('hash'),
);

const removeOfUser = statement((dialect, of: { user: string }) =>
  dialect.db.deleteFrom('tokens').where('user_id', '=', of.user),
);

const removeOfProject = statement((dialect, of: { project: string }) =>
  dialect.db.deleteFrom('tokens').where('project_id', '=', of.project),
);

const removeOfDomain = statement((dialect, of: { domain: string }) => {
  const idsIn = (table: 'users' | 'projects') =>
    dialect.db.selectFrom(table).select('id').where('domain_id', '=', of.domain);
  return dialect.db
    .deleteFrom('tokens')
    .where((eb) => eb.or([eb('user_id', 'in', idsIn('users')), eb('project_id', 'in', idsIn('projects'))]));
});

const removeExpired = statement((dialect, of: { now: number }) =>
  dialect.db.deleteFrom('tokens').where('expires_at', '<=', of.now).returning('hash'),
);

/** Queries of one session: tokens. */
export function tokenQueries(session: Session): TokenQueries {
  return {
    insert: (token) =>
      session.transaction(async (tx) => {
        const [inserted] = await insert(tx, rowOf(token));
        if (inserted === undefined) throw new Failure('conflict', 'The token exists already.');
      }),
    async find(hash) {
      const [row] = await find(session, { hash });
      return row && tokenOf(row);
    },
    delete: (hash) => session.transaction(async (tx) => (await remove(tx, { hash })).length > 0),
    deleteOfUser: (user) => session.transaction(async (tx) => void (await removeOfUser(tx, { user }))),
    deleteOfProject: (project) =>
      session.transaction(async (tx) => void (await removeOfProject(tx, { project }))),
    deleteOfDomain: (domain) =>
      session.transaction(async (tx) => void (await removeOfDomain(tx, { domain }))),
    deleteExpired: (now) => session.transaction(async (tx) => (await removeExpired(tx, { now })).length),
  };
}

function rowOf(token: Token): Row {
  return {
    hash: token.hash,
    user_id: token.userId,
    project_id: token.projectId,
    methods: JSON.stringify(token.methods),
    audit_ids: JSON.stringify(token.auditIds),
    issued_at: token.issuedAt,
    expires_at: token.expiresAt,
  };
}

function tokenOf(row: Row): Token {
  return {
    hash: row.hash,
    userId: row.user_id as UserId,
    projectId: row.project_id as ProjectId | null,
    methods: JSON.parse(row.methods) as string[],
    auditIds: JSON.parse(row.audit_ids) as string[],
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
  };
}
