import { encode } from './codec.ts';
import { Connection, type Request } from './connection.ts';
import { dial } from './dial.ts';
import { AuthenticationUnsupported, ConnectionLost } from './errors.ts';
import { defaultKeepalive, type KeepaliveOptions } from './keepalive.ts';
import { type ArgsOf, type ProcedureName, procedures, type ResultOf } from './procedures.ts';
import { decodeResult } from './results.ts';
import type { Target } from './uri.ts';

/** `REMOTE_AUTH_*`. */
const authentications: Readonly<Record<number, string>> = { 0: 'none', 1: 'sasl', 2: 'polkit' };

/** `VIR_DRV_FEATURE_PROGRAM_KEEPALIVE`: requested by a client that answers pings. */
const keepaliveFeature = 10;

export interface SessionOptions {
  readonly keepalive?: KeepaliveOptions | false | undefined;
  readonly maxFrame?: number | undefined;
}

/** Encodes the call of a procedure. @throws EncodeError when an argument is invalid */
export function requestOf<N extends ProcedureName>(name: N, args: ArgsOf<N>): Request {
  const { number, payload } = procedures[name];
  return { procedure: number, name, payload: encode(payload, args) };
}

/** Calls a procedure on one connection, without a time limit or a place in its lanes. */
export async function callOn<N extends ProcedureName>(
  connection: Connection,
  name: N,
  args: ArgsOf<N>,
): Promise<ResultOf<N>> {
  return decodeResult(name, await connection.request(requestOf(name, args)));
}

/** Ends a session as libvirt's client does. */
export function closeSession(connection: Connection): Promise<void> {
  return connection.close(requestOf('connectClose', {}));
}

/**
 * Dials a daemon and opens the hypervisor that the target names, so that calls can follow.
 *
 * @throws ConnectionLost, AuthenticationUnsupported, LibvirtError; or the signal's reason.
 */
export async function openSession(
  target: Target,
  options: SessionOptions,
  signal: AbortSignal,
): Promise<Connection> {
  const socket = await dial(target, signal);
  const connection = new Connection(socket, { maxFrame: options.maxFrame });
  const giveUp = () => void connection.close(undefined);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const offered = await callOn(connection, 'authList', {});
    if (!offered.includes(0))
      throw new AuthenticationUnsupported(offered.map((number) => authentications[number] ?? String(number)));
    if (options.keepalive !== false) {
      const known = await callOn(connection, 'connectSupportsFeature', { feature: keepaliveFeature });
      if (known) connection.startKeepalive(options.keepalive ?? defaultKeepalive);
    }
    await callOn(connection, 'connectOpen', { name: target.name });
    signal.throwIfAborted();
    return connection;
  } catch (error) {
    await connection.close(undefined);
    signal.throwIfAborted();
    // The handshake has carried none of the caller's requests.
    throw error instanceof ConnectionLost ? new ConnectionLost(error.message, 'not sent', error) : error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
