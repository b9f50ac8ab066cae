import { errorCodeNames, errorDomainNames } from './error-codes.ts';

/**
 * What is known of a call that did not come back: `unknown` when its request had been handed to the
 * socket (libvirtd may have done it, may do it yet, or may never have seen it), `not sent` when
 * libvirtd cannot have seen it, so that it may be sent again without a second thought.
 */
export type Outcome = 'unknown' | 'not sent';

/** What a daemon says of an error, as it stands on the wire. */
export interface RemoteError {
  /** Number of `virErrorNumber`. */
  readonly code: number;
  /** Number of `virErrorDomain`: which part of libvirt says it. */
  readonly domain: number;
  readonly message: string;
  /** 1 warning, 2 error. */
  readonly level: number;
  /** The guest that it is about, if the daemon says so. */
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
  /** The code's name without `VIR_`, such as `ERR_NO_DOMAIN`; `ERR_<number>` for one not tabled here. */
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

/** The connection ended (dropped, closed, or never stood) before the call's answer came. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  readonly outcome: Outcome;

  constructor(message: string, outcome: Outcome, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.outcome = outcome;
  }
}

/** The call's time was over before its answer came. libvirtd cannot be told: it goes on with what it got. */
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

/** The peer does not speak libvirt's protocol as we know it. The connection closes. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** A value cannot be put into a call: too long, out of range, not of its form. Nothing was sent. */
export class EncodeError extends Error {
  override readonly name = 'EncodeError';
}

/** The daemon wants an authentication that this client does not speak. */
export class AuthenticationUnsupported extends Error {
  override readonly name = 'AuthenticationUnsupported';
  /** What the daemon offers, such as `['sasl']`. */
  readonly offered: readonly string[];

  constructor(offered: readonly string[]) {
    super(
      `libvirtd offers authentication by ${offered.join(', ') || 'nothing'} only; accepted here: none ` +
        '(auth_unix_rw or auth_tcp = "none" in libvirtd.conf; polkit asks nothing of root)',
    );
    this.offered = offered;
  }
}

/** A connection URI that this client cannot follow. */
export class UriError extends Error {
  override readonly name = 'UriError';
}

/**
 * An event stream's reader was too slow and events were dropped: look at the state itself, then subscribe
 * again.
 */
export class EventsMissed extends Error {
  override readonly name = 'EventsMissed';
}
