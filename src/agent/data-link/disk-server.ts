import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { DiskExport, GuestMoves } from '../../hypervisor/guest-moves.ts';
import type { DiskOffer } from '../../model/command.ts';
import { asFailure, Failure } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import { DONE, LINK_TLS, parseRequest, readLine, refusal, SILENCE_MS } from './protocol.ts';

/** Maximum number of open offers, and so of guests that move away from one host at once. */
const MAX_OFFERS = 100;
const HANDSHAKE_MS = 10_000;

export interface DiskServerOptions {
  readonly moves: GuestMoves;
  /** `[DEFAULT] my_ip` */
  readonly address: string;
  /** `[nameplate] disk_port`; 0 for any free port */
  readonly port: number;
  /** Milliseconds after which an unused offer expires. */
  readonly offerMs: number;
  readonly log: Log;
}

/** The disks of an offer. */
export type Offered = Pick<DiskExport, 'server' | 'set' | 'purpose' | 'image'>;

interface Offer {
  readonly offered: Offered;
  readonly key: Buffer;
  expiry: NodeJS.Timeout;
  /** The connection that fetches the disks now. */
  fetching: TLSSocket | undefined;
}

/** The source's end of the data link. It listens only while offers are open. */
export class DiskServer {
  readonly #options: DiskServerOptions;
  readonly #offers = new Map<string, Offer>();
  /** The identity of the offer's key by which each connection was authenticated. */
  readonly #identities = new WeakMap<object, string>();
  readonly #connections = new Set<Socket>();
  #listening: Promise<Server> | undefined;
  #closed = false;

  constructor(options: DiskServerOptions) {
    this.#options = options;
  }

  /**
   * Offers disks, once and for a limited time, to the host that has the offer's key.
   * @throws {Failure} `unavailable` when the source cannot listen, or too many offers are open
   */
  async offer(offered: Offered): Promise<DiskOffer> {
    if (this.#offers.size >= MAX_OFFERS)
      throw new Failure('unavailable', 'Too many servers are moving away from this compute host.');
    const identity = randomUUID();
    const key = randomBytes(32);
    this.#offers.set(identity, { offered, key, expiry: this.#expiry(identity), fetching: undefined });
    try {
      const { port } = (await this.#listen()).address() as AddressInfo;
      return { address: this.#options.address, port, identity, key: key.toString('hex') };
    } catch (error) {
      this.#withdraw(identity);
      throw error;
    }
  }

  /** Ends all offers and transfers. */
  async close(): Promise<void> {
    this.#closed = true;
    const listening = this.#listening;
    for (const identity of [...this.#offers.keys()]) this.#withdraw(identity);
    for (const connection of this.#connections) connection.destroy();
    await listening?.then(closing).catch(() => undefined);
  }

  async #listen(): Promise<Server> {
    if (this.#closed) throw new Failure('unavailable', 'The agent is shutting down.');
    this.#listening ??= this.#open().catch((error) => {
      this.#listening = undefined;
      throw error;
    });
    return this.#listening;
  }

  async #open(): Promise<Server> {
    const { address, port } = this.#options;
    const server = createServer({
      ...LINK_TLS,
      handshakeTimeout: HANDSHAKE_MS,
      pskCallback: (socket, identity) => {
        const offer = this.#offers.get(identity);
        if (offer === undefined) return null;
        this.#identities.set(socket, identity);
        return offer.key;
      },
    });
    server.maxConnections = 2 * MAX_OFFERS;
    server.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
    });
    server.on('secureConnection', (socket) => void this.#serve(socket));
    server.on('tlsClientError', (error, socket) => {
      this.#options.log('disk-connection-refused', { why: error.message });
      socket.destroy();
    });
    try {
      server.listen(port, address);
      await once(server, 'listening');
      return server;
    } catch (error) {
      throw new Failure('unavailable', "The compute host cannot offer its servers' disks.", {
        operatorText: `[DEFAULT] my_ip ${address}, [nameplate] disk_port ${port}: ${(error as Error).message}`,
        cause: error,
      });
    }
  }

  async #serve(socket: TLSSocket): Promise<void> {
    const identity = this.#identities.get(socket) ?? '';
    const offer = this.#offers.get(identity);
    socket.on('error', () => undefined); // read and pipeline reject with this error
    if (offer === undefined) {
      socket.destroy();
      return;
    }
    offer.fetching?.destroy(); // the destination has given up its earlier connection
    offer.fetching = socket;
    clearTimeout(offer.expiry);
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    try {
      if (await this.#send(socket, offer.offered)) this.#withdraw(identity);
    } catch (error) {
      const { server } = offer.offered;
      // If a destination hung up because its move was stopped, only the text is logged and no stack.
      const why = hasCode(error) ? error.message : asFailure(error).operatorText;
      this.#options.log('disk-transfer-failed', { server, why });
    } finally {
      socket.destroySoon();
      if (offer.fetching === socket) {
        offer.fetching = undefined;
        clearTimeout(offer.expiry);
        if (this.#offers.has(identity)) offer.expiry = this.#expiry(identity);
      }
    }
  }

  /** @returns whether the destination confirmed that it has the disks */
  async #send(socket: TLSSocket, offered: Offered): Promise<boolean> {
    const held = parseRequest(await readLine(socket));
    const gone = new AbortController();
    socket.once('close', () => gone.abort());
    const data = await this.#options.moves.exportDisks({ ...offered, held }, gone.signal).catch((error) => {
      socket.end(`${refusal(error)}\n`);
      throw error;
    });
    socket.write('{"ok":true}\n');
    await pipeline(data, socket, { end: false });
    socket.end();
    return (await readLine(socket)) === DONE;
  }

  #expiry(identity: string): NodeJS.Timeout {
    return setTimeout(() => this.#withdraw(identity), this.#options.offerMs).unref();
  }

  #withdraw(identity: string): void {
    const offer = this.#offers.get(identity);
    if (offer === undefined) return;
    this.#offers.delete(identity);
    clearTimeout(offer.expiry);
    if (this.#offers.size > 0) return;
    void this.#listening?.then(closing).catch(() => undefined);
    this.#listening = undefined;
  }
}

async function closing(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  await once(server, 'close');
}

/** Whether an error comes from the network or the disk, and not from a fault of the code. */
function hasCode(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}
