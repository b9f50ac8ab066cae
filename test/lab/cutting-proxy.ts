import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server, and cuts the connection when the client says a word. */
export interface CuttingProxy {
  readonly port: number;
  /**
   * Cuts the next connection on which the client says the word: before the server has heard it, or after, so
   * that its answer is lost.
   */
  cutAt(word: string, when: 'before' | 'after'): void;
  close(): Promise<void>;
}

/** Starts a proxy on loopback, to a server on loopback. */
export async function startCuttingProxy(target: number): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let cut: { word: string; when: 'before' | 'after' } | undefined;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    const both = [client, upstream];
    const end = () => {
      for (const socket of both) socket.destroy();
    };
    for (const socket of both) {
      open.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        open.delete(socket);
        end();
      });
    }
    upstream.on('data', (answer) => client.write(answer));
    client.on('data', (said) => {
      if (cut === undefined || !said.includes(cut.word)) return void upstream.write(said);
      const { when } = cut;
      cut = undefined;
      client.destroy();
      if (when === 'after') upstream.removeAllListeners('close').write(said, () => upstream.end());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cutAt(word, when) {
      cut = { word, when };
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
