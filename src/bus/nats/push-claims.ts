import { randomUUID } from 'node:crypto';
import { Failure } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { JwtClaims } from './authority.ts';
import { type NatsAddress, openNatsLink } from './connection.ts';

const ANSWER_MS = 5_000;

/**
 * Pushes the account's current JWT claims to a running server, and through it to its cluster. The server
 * disconnects users that the claims revoke.
 * @param system the server's address, with the credentials of the system account
 * @throws {Failure} `unavailable` when no server answers, `forbidden` or `internal` when it refuses the
 *   claims
 */
export async function pushClaims(system: NatsAddress, { account }: JwtClaims, log: Log): Promise<void> {
  const link = await openNatsLink(system, { log, signal: AbortSignal.timeout(ANSWER_MS) }).catch((error) => {
    if (error instanceof Failure && error.kind === 'timed-out')
      throw new Failure('unavailable', `NATS does not answer within ${ANSWER_MS / 1000} s.`);
    throw error;
  });
  try {
    const answer = Promise.withResolvers<string>();
    const reply = `_INBOX.${randomUUID()}`;
    await link.subscribe(reply, ({ data }) => answer.resolve(Buffer.from(data).toString('utf8')));
    const late = setTimeout(
      () => answer.reject(new Failure('unavailable', 'NATS does not confirm the claims.')),
      ANSWER_MS,
    );
    link.publish('$SYS.REQ.CLAIMS.UPDATE', Buffer.from(account.jwt), reply);
    const text = await answer.promise.finally(() => clearTimeout(late));
    const { error } = JSON.parse(text) as { error?: { description?: string } };
    if (error !== undefined) throw new Failure('internal', `NATS refuses the claims: ${error.description}`);
  } finally {
    await link.close();
  }
}
