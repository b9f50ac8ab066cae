/** What went wrong, in the terms that decide what happens next. The HTTP status of each kind is decided in `api/failures.ts`. */
export type FailureKind =
  | 'invalid' // the request cannot be right as it is
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict' // the thing is in a state, or at a generation, that does not allow this
  | 'over-quota'
  | 'too-many-requests' // of this client, at once; trying again later may work
  | 'too-large'
  | 'unsupported-media'
  | 'not-acceptable'
  | 'not-implemented'
  | 'unavailable' // a part that is needed does not answer; trying again later may work
  | 'out-of-space' // disk, memory or slots are used up
  | 'timed-out' // given up waiting; the thing was stopped and did not happen
  | 'outcome-unknown' // asked, and the answer never came: it may have happened
  | 'internal';

/** Characters of a failure's texts: what a client sent may stand in them, and they are stored, sent and logged. */
export const MAX_MESSAGE = 4096;
const MAX_OPERATOR_TEXT = 65_536;

/**
 * The one error that Nameplate's own code throws on purpose.
 * `message` is for the user who asked; `operatorText` adds what only an operator may read (paths, hosts, daemon words).
 * Both are cut at their bounds.
 */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly operatorText: string;

  constructor(kind: FailureKind, message: string, options: { operatorText?: string; cause?: unknown } = {}) {
    super(bounded(message, MAX_MESSAGE), options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'Failure';
    this.kind = kind;
    this.operatorText = bounded(options.operatorText ?? message, MAX_OPERATOR_TEXT);
  }
}

function bounded(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** Any thrown value as a Failure: what is not one already is `internal`, and its text is for the operator only. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return new Failure('internal', 'An unexpected error prevented the server from fulfilling your request.', {
    operatorText: text,
    cause: thrown,
  });
}
