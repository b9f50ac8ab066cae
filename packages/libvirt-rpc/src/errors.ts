import { errorCodeNames, errorDomainNames } from './error-codes.ts';

/**
 * What is known about a call without an answer. `unknown`: its request was handed to the socket, so libvirtd
 * may have carried it out, may still do so, or may never have received it. `not sent`: libvirtd cannot have
 * received it, so it is safe to repeat.
 */
export type Outcome = 'unknown' | 'not sent';

/** An error from the daemon, as in the protocol. */
export interface RemoteError {
  /** Number of `virErrorNumber`. */
  readonly code: number;
  /** Number of `virErrorDomain`: the part of libvirt that reports the error. */
  readonly domain: number;
  readonly message: string;
  /** 1 warning, 2 error. */
  readonly level: number;
  /** The guest of the error, if the daemon names one. */
  readonly guest: { readonly name: string; readonly uuid: string; readonly id: number } | undefined;
}

/**
 * libvirtd understood the call and refused it, or failed in it. The call is over.
 *
 * @example
 * ```ts
 * import { connect, errorCodes, LibvirtError } from 'libvirt-rpc';
 *
 * await using libvirt = await connect('qemu:///system');
 * try {
 *   await libvirt.domainLookupByName({ name: 'example' });
 * } catch (error) {
 *   if (!(error instanceof LibvirtError) || error.code !== errorCodes.ERR_NO_DOMAIN) throw error;
 *   console.log('there is no such guest');
 * }
 * ```
 */
export class LibvirtError extends Error {
  override readonly name = 'LibvirtError';
  /** Number of `virErrorNumber`; compare with {@link errorCodes}. */
  readonly code: number;
  /** The code's name without `VIR_`, such as `ERR_NO_DOMAIN`; `ERR_<number>` for an unknown code. */
  readonly codeName: string;
  readonly domain: number;
  /** The domain's name without `VIR_FROM_`, such as `QEMU`. */
  readonly domainName: string;
  readonly level: number;
  readonly guest: RemoteError['guest'];
  /** The procedure that was called. */
  readonly procedure: string;

  constructor(error: RemoteError, procedure: string) {
    super(error.message);
    this.code = error.code;
    this.codeName = errorCodeNames[error.code] ?? `ERR_${error.code}`;
    this.domain = error.domain;
    this.domainName = errorDomainNames[error.domain] ?? String(error.domain);
    this.level = error.level;
    this.guest = error.guest;
    this.procedure = procedure;
  }
}

/** The connection ended (dropped, closed, or never established) before the answer to the call. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  readonly outcome: Outcome;

  constructor(message: string, outcome: Outcome, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.outcome = outcome;
  }
}

/** The call exceeded its time limit. libvirtd cannot be notified, and goes on with the call. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  readonly outcome: Outcome;
  readonly timeoutMs: number;

  constructor(procedure: string, timeoutMs: number, outcome: Outcome) {
    const state = outcome === 'unknown' ? 'its outcome is unknown' : 'it was not sent';
    super(`${procedure} had no answer within ${timeoutMs} ms; ${state}`);
    this.timeoutMs = timeoutMs;
    this.outcome = outcome;
  }
}

/** The caller's AbortSignal ended the wait; its reason is the `cause`. */
export class CallAborted extends Error {
  override readonly name = 'CallAborted';
  readonly outcome: Outcome;

  constructor(procedure: string, outcome: Outcome, cause: unknown) {
    const state = outcome === 'unknown' ? 'its outcome is unknown' : 'it was not sent';
    super(`${procedure} was aborted by its caller; ${state}`, { cause });
    this.outcome = outcome;
  }
}

/** The peer violates libvirt's protocol. The connection closes. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** A value cannot be encoded: it is too long, out of range or malformed. Nothing was sent. */
export class EncodeError extends Error {
  override readonly name = 'EncodeError';
}

/** The daemon requires an authentication that this client does not support. */
export class AuthenticationUnsupported extends Error {
  override readonly name = 'AuthenticationUnsupported';
  /** The authentications that the daemon offers, such as `['sasl']`. */
  readonly offered: readonly string[];

  constructor(offered: readonly string[]) {
    super(
      `libvirtd offers authentication by ${offered.join(', ') || 'nothing'} only; accepted here: none ` +
        '(auth_unix_rw or auth_tcp = "none" in libvirtd.conf; polkit asks nothing of root)',
    );
    this.offered = offered;
  }
}

/** A connection URI that this client does not support. */
export class UriError extends Error {
  override readonly name = 'UriError';
}

/**
 * The reader of an event stream was too slow, and events were dropped: read the state itself, then subscribe
 * again.
 */
export class EventsMissed extends Error {
  override readonly name = 'EventsMissed';
}
