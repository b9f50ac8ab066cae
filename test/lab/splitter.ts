import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Failure } from '../../src/model/failure.ts';

/** One address for several servers. */
export interface Splitter {
  /** `HOST:PORT` */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Hands each connection to the next of several servers; one that does not answer is passed over.
 * @param at.port 0 takes any free one
 */
export async function startSplitter(
  at: { readonly host: string; readonly port: number },
  targets: readonly URL[],
): Promise<Splitter> {
  const sockets = new Set<Socket>();
  let turn = 0;

  function pass(client: Socket, left: number): void {
    const target = targets[turn++ % targets.length];
    if (target === undefined || left === 0) return void client.destroy();
    const server = connect({ host: target.hostname, port: Number(target.port) });
    sockets.add(server);
    let connected = false;
    server.once('connect', () => {
      connected = true;
      client.pipe(server).pipe(client);
    });
    server.once('error', () => (connected ? client.destroy() : pass(client, left - 1)));
    server.once('close', () => {
      sockets.delete(server);
      if (connected) client.destroy();
    });
    client.once('close', () => server.destroy());
  }

  const listener = createServer((client) => {
    sockets.add(client);
    client.once('close', () => sockets.delete(client));
    client.on('error', () => client.destroy());
    pass(client, targets.length);
  }).listen(at);
  await once(listener, 'listening').catch((error: Error) => {
    throw new Failure('unavailable', `${at.host}:${at.port} cannot be listened on: ${error.message}`);
  });
  const { port } = listener.address() as AddressInfo;
  return {
    address: `${at.host}:${port}`,
    async close() {
      listener.close();
      for (const socket of sockets) socket.destroy();
      if (listener.listening) await once(listener, 'close');
    },
  };
}
