import { Failure, type FailureKind } from '../../model/failure.ts';

/** What an error means for its connection and its query. */
export type PostgresqlFault =
  | 'broken' // the connection is lost; its last query may have been executed
  | 'again' // another transaction caused a rollback: a retry may succeed
  | 'refused'; // the query had no effect, and a retry fails again

/**
 * Failure kinds by error code (https://www.postgresql.org/docs/15/errcodes-appendix.html). Prefixes are
 * classes of codes; exact codes come first.
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
  ['40', 'unavailable', 'Too many other requests change the same data at the moment. Try again.'],
  ['55P03', 'unavailable', 'Too many other requests change the same data at the moment. Try again.'],
  ...['08', '25006', '28', '3D', '42501', '53', '57', '58', 'XX001', 'XX002'].map(
    (code) => [code, 'unavailable', 'The store cannot be used at the moment.'] as const,
  ),
];

/** The code for a prepared plan whose tables a newer Nameplate has changed since. */
const OUTDATED = '0A000';

/** SQLSTATEs after which the same transaction may succeed: serialization failure, deadlock. */
const RETRIABLE = ['40001', '40P01', OUTDATED];

interface PostgresqlError {
  readonly code?: string;
  readonly severity?: string;
  readonly message?: string;
  readonly detail?: string;
}

/** Errors of the server have a severity; all other errors come from the connection. */
export function faultOf(error: unknown): PostgresqlFault {
  const { code = '', severity } = error as PostgresqlError;
  if (severity !== 'ERROR') return 'broken';
  return RETRIABLE.includes(code) ? 'again' : 'refused';
}

/** Whether the connection works but must be replaced. */
export function isOutdated(error: unknown): boolean {
  return (error as PostgresqlError).code === OUTDATED;
}

/**
 * Converts an error of PostgreSQL or of the connection to a Failure. `where` names the database without its
 * password.
 */
export function postgresqlFailure(error: unknown, where: string): Failure {
  if (error instanceof Failure) return error;
  const { code = '', severity, message, detail } = error as PostgresqlError;
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
