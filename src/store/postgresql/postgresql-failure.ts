import { Failure, type FailureKind } from '../../model/failure.ts';

/** What an error says of the connection it came over, and of what was asked. */
export type PostgresqlFault =
  | 'broken' // the connection is gone; what was asked last may have been done
  | 'again' // rolled back because of another transaction: the same may work when asked again
  | 'refused'; // it did not happen, and will not

/**
 * https://www.postgresql.org/docs/15/errcodes-appendix.html: codes, or the classes that begin them, the more
 * exact ones first.
 */
const KINDS: readonly (readonly [code: string, kind: FailureKind, message: string])[] = [
  ['53100', 'out-of-space', 'The store is full; nothing was changed.'],
  ['53200', 'out-of-space', 'The store is out of memory; nothing was changed.'],
  ['23503', 'conflict', 'It refers to something that does not exist.'],
  ['23', 'conflict', 'It exists already.'],
  ['22021', 'invalid', 'It holds a character that cannot be stored.'],
  ['22P05', 'invalid', 'It holds a character that cannot be stored.'],
  ['22003', 'invalid', 'It holds a number that is too large to be stored.'],
  ['57014', 'timed-out', 'The store took too long to answer; nothing was changed.'],
  ['40', 'unavailable', 'Too many others change the same at the moment. Try again.'],
  ['55P03', 'unavailable', 'Too many others change the same at the moment. Try again.'],
  ...['08', '25006', '28', '3D', '42501', '53', '57', '58', 'XX001', 'XX002'].map(
    (code) => [code, 'unavailable', 'The store cannot be used at the moment.'] as const,
  ),
];

/** A plan that a connection has prepared was for tables that a newer Nameplate has changed since. */
const OUTDATED = '0A000';

/** SQLSTATEs after which the same transaction may succeed: serialization failure, deadlock. */
const AGAIN = ['40001', '40P01', OUTDATED];

interface Said {
  readonly code?: string;
  readonly severity?: string;
  readonly message?: string;
  readonly detail?: string;
}

/** Errors of the server say how severe they are; all others come from the connection. */
export function faultOf(error: unknown): PostgresqlFault {
  const { code = '', severity } = error as Said;
  if (severity !== 'ERROR') return 'broken';
  return AGAIN.includes(code) ? 'again' : 'refused';
}

/** Whether the connection must be left for a new one, although it works. */
export function isOutdated(error: unknown): boolean {
  return (error as Said).code === OUTDATED;
}

/** What PostgreSQL, or the way there, said as a Failure. `where` names the database without its password. */
export function postgresqlFailure(error: unknown, where: string): Failure {
  if (error instanceof Failure) return error;
  const { code = '', severity, message, detail } = error as Said;
  if (code === 'ERR_INVALID_URL')
    return new Failure(
      'invalid',
      '[database] connection is no URL; accepted is: postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with %XX for what is special in the password',
    );
  const words = [message, detail, severity && `SQLSTATE ${code}`].filter(Boolean).join('; ');
  const options = { operatorText: `The store ${where}: ${words || code || String(error)}`, cause: error };
  if (severity === undefined)
    return new Failure('unavailable', 'The store cannot be used at the moment.', options);
  const known = KINDS.find(([begin]) => code.startsWith(begin));
  if (known !== undefined) return new Failure(known[1], known[2], options);
  return new Failure(
    'internal',
    'An unexpected error prevented the server from fulfilling your request.',
    options,
  );
}
