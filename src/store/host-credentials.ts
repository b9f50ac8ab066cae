import type { Selectable } from 'kysely';
import { Failure } from '../model/failure.ts';
import type { HostCredential } from '../model/host.ts';
import type { HostName } from '../model/ids.ts';
import type { HostCredentialQueries } from './promise/hosts.ts';
import type { HostCredentialsTable } from './schema.ts';
import type { Session } from './session.ts';
import { statement } from './statement.ts';

type Row = Selectable<HostCredentialsTable>;

const insert = statement((dialect, row: Omit<Row, 'number' | 'revoked_at'>) =>
  dialect.db
    .insertInto('host_credentials')
    .values(row)
    .onConflict((conflict) => conflict.column('public_key').doNothing())
    .returning('number'),
);

const list = statement((dialect) => dialect.db.selectFrom('host_credentials').selectAll().orderBy('number'));

const revoke = statement((dialect, of: { host: string; at: number }) =>
  dialect.db
    .updateTable('host_credentials')
    .set({ revoked_at: of.at })
    .where('host', '=', of.host)
    .where('revoked_at', 'is', null)
    .returning('number'),
);

/** Keys that agents prove themselves with, asked of one session. */
export function hostCredentialQueries(session: Session): HostCredentialQueries {
  return {
    insert: ({ host, publicKey, issuedAt }) =>
      session.atomically(async (tx) => {
        const [made] = await insert(tx, { host, public_key: publicKey, issued_at: issuedAt });
        if (made === undefined)
          throw new Failure('conflict', `The public key ${publicKey} was given out before.`);
      }),
    async list() {
      return (await list(session, {})).map(credentialOf);
    },
    revoke: (host, at) => session.atomically(async (tx) => (await revoke(tx, { host, at })).length),
  };
}

function credentialOf(row: Row): HostCredential {
  return {
    host: row.host as HostName,
    publicKey: row.public_key,
    issuedAt: row.issued_at,
    revokedAt: row.revoked_at,
  };
}
