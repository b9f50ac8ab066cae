/**
 * Whether doing the same again may work, by kind of failure. `soon`: the other side did not answer, and may
 * answer the next time. `later`: something has to change first, by itself or by an operator, but nothing of
 * the request. `never`: the same request fails again.
 */
const RETRY = {
  invalid: 'never', // the request cannot be right as it is
  unauthenticated: 'never',
  forbidden: 'never',
  'not-found': 'never',
  conflict: 'never', // the thing is in a state, or at a generation, that does not allow this
  'over-quota': 'never',
  'too-many-requests': 'later', // of this client, at once
  'too-large': 'never',
  'unsupported-media': 'never',
  'not-acceptable': 'never',
  'not-implemented': 'never',
  unavailable: 'soon', // a part that is needed does not answer
  'out-of-space': 'later', // disk, memory or slots are used up
  'timed-out': 'later', // given up waiting; the thing was stopped and did not happen
  'outcome-unknown': 'soon', // asked, and the answer never came: it may have happened
  internal: 'never',
} as const satisfies Record<string, 'soon' | 'later' | 'never'>;

/**
 * What went wrong, in the terms that decide what happens next. The HTTP status of each kind is decided in
 * `api/http/failures.ts`.
 */
export type FailureKind = keyof typeof RETRY;

export function isFailureKind(word: string): word is FailureKind {
  return Object.hasOwn(RETRY, word);
}

/** Whether the same request may work when it is sent again soon: nobody answered, or the answer was lost. */
export function isRetryable(kind: FailureKind): boolean {
  return RETRY[kind] === 'soon';
}

/** Whether the cause passes without a change of the request: the other side comes back, or room is made. */
export function isPassing(kind: FailureKind): boolean {
  return RETRY[kind] !== 'never';
}

/**
 * Characters of a failure's texts: what a client sent may stand in them, and they are stored, sent and
 * logged.
 */
export const MAX_MESSAGE = 4096;
const MAX_OPERATOR_TEXT = 65_536;

/**
 * The one error that Nameplate's own code throws on purpose. `message` is for the user who asked;
 * `operatorText` adds what only an operator may read (paths, hosts, daemon words). Both are cut at their
 * bounds.
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

/**
 * Any thrown value as a Failure: what is not one already is `internal`, and its text is for the operator
 * only.
 */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return new Failure('internal', 'An unexpected error prevented the server from fulfilling your request.', {
    operatorText: text,
    cause: thrown,
  });
}
