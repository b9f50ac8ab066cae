/**
 * Whether a retry may succeed, by kind of failure. `soon`: the other side did not answer, and may answer the
 * next time. `later`: the same request may succeed after the situation has changed, by itself or by an
 * operator. `never`: the same request fails again.
 */
const RETRY = {
  invalid: 'never', // the request cannot be right as it is
  unauthenticated: 'never',
  forbidden: 'never',
  'not-found': 'never',
  gone: 'never', // the resource was removed from the API
  conflict: 'never', // the state or the generation of the resource does not allow this
  'precondition-failed': 'never', // the resource is not at the revision that the client named
  'over-quota': 'never',
  'too-many-requests': 'later', // this client has too many requests in flight
  'too-large': 'never',
  'unsupported-media': 'never',
  'not-acceptable': 'never',
  'not-implemented': 'never',
  unavailable: 'soon', // a required component does not answer
  'out-of-space': 'later', // disk, memory or slots are used up
  'timed-out': 'later', // the work was stopped at its time limit and has had no effect
  'outcome-unknown': 'soon', // a message was sent and no reply came: the work may have been done
  internal: 'never',
} as const satisfies Record<string, 'soon' | 'later' | 'never'>;

/**
 * What went wrong, in terms that decide how callers react. `api/http/failures.ts` maps each kind to an HTTP
 * status.
 */
export type FailureKind = keyof typeof RETRY;

export function isFailureKind(word: string): word is FailureKind {
  return Object.hasOwn(RETRY, word);
}

/** Whether the same request may succeed when it is soon sent again: there was no answer, or it was lost. */
export function isRetryable(kind: FailureKind): boolean {
  return RETRY[kind] === 'soon';
}

/** Whether the same request may succeed later, for example when a host is back or space has been freed. */
export function isPassing(kind: FailureKind): boolean {
  return RETRY[kind] !== 'never';
}

/**
 * Characters of a failure's texts. They are bounded because they may quote client input, and are stored, sent
 * and logged.
 */
export const MAX_MESSAGE = 4096;
const MAX_OPERATOR_TEXT = 65_536;

/**
 * The only error that Nameplate's own code throws on purpose. `message` is for the user who sent the request.
 * `operatorText` adds what only an operator may read: paths, hosts, texts of daemons. Both are cut at their
 * limits.
 */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly operatorText: string;
  /** The name of the failure in the Network API: a class of neutron_lib/exceptions, as `IpAddressInUse`. */
  readonly type: string | undefined;

  constructor(
    kind: FailureKind,
    message: string,
    options: { operatorText?: string; cause?: unknown; type?: string } = {},
  ) {
    super(bounded(message, MAX_MESSAGE), options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'Failure';
    this.kind = kind;
    this.type = options.type;
    this.operatorText = bounded(options.operatorText ?? message, MAX_OPERATOR_TEXT);
  }
}

function bounded(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max)}…` : text;
}

/**
 * Any thrown value as a Failure. A value of another type becomes `internal`, and its text is only for the
 * operator.
 */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return new Failure('internal', 'An unexpected error prevented the server from fulfilling your request.', {
    operatorText: text,
    cause: thrown,
  });
}
