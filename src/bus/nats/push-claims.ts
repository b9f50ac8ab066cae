import { randomUUID } from 'node:crypto';
import { Failure } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { JwtClaims } from './authority.ts';
import { type NatsAddress, openNatsLink } from './connection.ts';

const ANSWER_MS = 5_000;

/**
 * Tells a running server, and through it its cluster, what the account's claims are now: who is revoked in
 * them is disconnected.
 * @param system where the server is, with the system account's credentials
 * @throws {Failure} `unavailable` when no server answers, `forbidden` or `internal` when it does not take
 * them
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
      () => answer.reject(new Failure('unavailable', 'NATS does not say whether it took the claims.')),
      ANSWER_MS,
    );
    link.publish('$SYS.REQ.CLAIMS.UPDATE', Buffer.from(account.jwt), reply);
    const text = await answer.promise.finally(() => clearTimeout(late));
    const { error } = JSON.parse(text) as { error?: { description?: string } };
    if (error !== undefined)
      throw new Failure('internal', `NATS does not take the claims: ${error.description}`);
  } finally {
    await link.close();
  }
}
