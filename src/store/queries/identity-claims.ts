import { Failure } from '../../model/failure.ts';
import type { ServerId } from '../../model/ids.ts';
import type { IdentityClaim, IdentityClaimQueries } from '../promise/identity-claims.ts';
import type { IdentityClaimsTable } from '../sql/schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

const insert = statement((dialect, row: IdentityClaimsTable) =>
  dialect.db
    .insertInto('identity_claims')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('server_id'),
);

const find = statement((dialect, of: { kind: string; values: readonly string[] }) =>
  dialect.db
    .selectFrom('identity_claims')
    .selectAll()
    .where('kind', '=', of.kind)
    .where('value', 'in', of.values),
);

const drop = statement((dialect, of: { server: string }) =>
  dialect.db.deleteFrom('identity_claims').where('server_id', '=', of.server),
);

const booted = statement((dialect, of: { serial: string }) =>
  dialect.db
    .selectFrom('serial_records as record')
    .innerJoin('servers', 'servers.id', 'record.server_id')
    .select('record.server_id')
    .distinct()
    .where('record.serial', '=', of.serial)
    .where('record.effect', '=', 'booted')
    .where('servers.deleted', '=', 0),
);

const prefixed = statement((dialect, of: { from: string; to: string }) =>
  dialect.db
    .selectFrom('servers')
    .select('id')
    .where('id', '>=', of.from)
    .where('id', '<', of.to)
    .where('deleted', '=', 0),
);

/** Queries of one session: values that servers were imported with, and who has them. */
export function identityClaimQueries(session: Session): IdentityClaimQueries {
  return {
    add: (claims) => session.lockingTransaction((tx) => addClaims(tx, claims)),
    async of(kind, values) {
      if (values.length === 0) return [];
      return (await find(session, { kind, values })).map(claimOf);
    },
    async bootedWith(serial) {
      return (await booted(session, { serial })).map((row) => row.server_id as ServerId);
    },
    async withIdPrefix(prefix) {
      const rows = await prefixed(session, { from: prefix, to: `${prefix}~` });
      return rows.map((row) => row.id as ServerId);
    },
  };
}

/** Gives back what a server claimed, in the transaction that deletes it. */
export async function releaseIdentity(session: Session, server: ServerId): Promise<void> {
  await drop(session, { server });
}

async function addClaims(session: Session, claims: readonly IdentityClaim[]): Promise<void> {
  for (const { kind, value, serverId } of claims) {
    const [added] = await insert(session, { kind, value, server_id: serverId });
    if (added !== undefined) continue;
    const [holder] = await find(session, { kind, values: [value] });
    throw new Failure(
      'conflict',
      `The ${kind.replace('-', ' ')} ${value} is that of server ${holder?.server_id}.`,
    );
  }
}

function claimOf(row: IdentityClaimsTable): IdentityClaim {
  return { kind: row.kind as IdentityClaim['kind'], value: row.value, serverId: row.server_id as ServerId };
}
