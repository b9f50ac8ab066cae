import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

const listener = fileURLToPath(new URL('./gateway-listener.ts', import.meta.url));

/** A way from the loopback of a host's own network to the same port on this machine's, which can be cut. */
export interface Gateway {
  /**
   * From now on nothing comes through, in either direction, and nobody is told: as when packets are dropped.
   */
  fallSilent(): void;
  /** What was held back goes on, as when it is sent again. */
  goOn(): void;
  close(): Promise<void>;
}

/** @param pid a process in the host's network namespace */
export async function openGateway({ pid, port }: { pid: number; port: number }): Promise<Gateway> {
  const sockets = new Set<Socket>();
  /** Whose other end has closed while nothing came through. */
  const orphans = new Set<Socket>();
  let silent = false;

  function pass(from: Socket, to: Socket): void {
    sockets.add(from);
    from.on('data', (data) => void to.write(data));
    from.once('end', () => to.end());
    from.once('error', () => from.destroy());
    from.once('close', () => {
      sockets.delete(from);
      orphans.delete(from);
      if (silent) orphans.add(to);
      else to.destroy();
    });
    if (silent) from.pause();
  }

  const server = await listenInside(pid, port);
  server.on('connection', (inside: Socket) => {
    const outside = connect(port, '127.0.0.1');
    pass(inside, outside);
    pass(outside, inside);
  });
  return {
    fallSilent() {
      silent = true;
      for (const socket of sockets) socket.pause();
    },
    goOn() {
      silent = false;
      for (const orphan of orphans) orphan.destroy();
      for (const socket of sockets) socket.resume();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A process listens there and hands the socket over: it stays in the network in which it was made. */
async function listenInside(pid: number, port: number): Promise<Server> {
  const inside = ['-t', String(pid), '--net', process.execPath, listener, String(port)];
  const child = spawn('nsenter', inside, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit').then(([status]) => {
    throw new Error(`nobody can listen on port ${port} of the host: status ${status}`);
  });
  ended.catch(() => undefined);
  const given = once(child, 'message') as Promise<[unknown, Server]>;
  const [, server] = await Promise.race([given, ended]);
  child.disconnect();
  return server;
}
