import { once } from 'node:events';
import { Readable } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { onAbort } from '../../async/on-abort.ts';
import type { DiskImport, GuestMoves } from '../../hypervisor/guest-moves.ts';
import type { DiskOffer } from '../../model/command.ts';
import { Failure } from '../../model/failure.ts';
import { DONE, LINK_TLS, parseAnswer, readLine, SILENCE_MS } from './protocol.ts';

const CONNECT_MS = 10_000;

/**
 * Fetches a plan's disk set from the host that offers it, unless it is already here.
 * @throws {Failure} `unavailable` when the source cannot be reached, does not know the offer (any more) or
 *   breaks off: then nothing of the set is here; `timed-out` when the fetch was given up; and failures of
 *   `importDisks` and of the source's `exportDisks`
 */
export async function fetchDisks(
  moves: GuestMoves,
  { offer, ...wanted }: DiskImport & { readonly offer: DiskOffer },
  signal: AbortSignal,
): Promise<void> {
  const { plan } = wanted;
  if (await moves.hasDisks(plan)) return;
  let socket: TLSSocket | undefined;
  using _giveUp = onAbort(signal, () => socket?.destroy(new Error('given up')));
  try {
    signal.throwIfAborted();
    const held = await moves.presentBases(wanted, signal);
    socket = dial(offer);
    await connected(socket);
    socket.write(`${JSON.stringify({ held })}\n`);
    parseAnswer(await readLine(socket));
    await moves.importDisks(wanted, dataOf(socket), signal);
    await tellDone(socket);
  } catch (error) {
    if (signal.aborted)
      throw new Failure('timed-out', `Gave up fetching the disks of server ${plan.serverId}.`, {
        cause: error,
      });
    throw error instanceof Failure ? error : unreachable(offer, error);
  } finally {
    socket?.destroy();
  }
}

function dial({ address, port, identity, key }: DiskOffer): TLSSocket {
  const socket = connect({
    ...LINK_TLS,
    host: address,
    port,
    pskCallback: () => ({ identity, psk: Buffer.from(key, 'hex') }),
    checkServerIdentity: () => undefined, // there is no certificate: the key authenticates the source
  });
  socket.on('error', () => undefined); // the waiting call reports it
  return socket;
}

async function connected(socket: TLSSocket): Promise<void> {
  socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error('no answer')));
  await Promise.race([once(socket, 'secureConnect'), once(socket, 'close').then(() => closedEarly(socket))]);
  // Without the shared key, TLS would accept a certificate instead. Only the key may authenticate the source.
  if (socket.getPeerCertificate(false)?.raw !== undefined) throw new Error('it shows a certificate');
  socket.setTimeout(SILENCE_MS, () => socket.destroy(new Error('no data for a long time')));
}

function closedEarly(socket: TLSSocket): never {
  throw socket.errored ?? new Error('it closed the connection');
}

/** The connection's data as a stream. Its end does not close the connection, because the reply follows. */
function dataOf(socket: TLSSocket): Readable {
  return Readable.from(socket.iterator({ destroyOnReturn: false }), { objectMode: false });
}

/**
 * Confirms that the disks arrived. Best effort: without it the source only keeps its offer a little longer.
 */
async function tellDone(socket: TLSSocket): Promise<void> {
  if (socket.destroyed) return;
  const closed = once(socket, 'close').catch(() => undefined);
  socket.end(`${DONE}\n`);
  socket.resume();
  await closed;
}

function unreachable({ address, port }: DiskOffer, error: unknown): Failure {
  const why = error instanceof Error ? error.message : String(error);
  return new Failure('unavailable', "The server's disks cannot be fetched from its compute host.", {
    operatorText: `${address}:${port}: ${why} (the source refuses an expired offer, or another key, in the handshake)`,
    cause: error,
  });
}
