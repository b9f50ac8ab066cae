import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

/**
 * `node:http` alone, in a process of its own, that answers every request with the same bytes from memory: the
 * ceiling beside a measured line.
 */
export interface BareServer {
  readonly url: string;
  readonly pid: number;
  stop(): void;
}

/** Starts it. */
export async function startBareServer(answer: {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}): Promise<BareServer> {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), ['serve']);
  child.send(answer);
  const [port] = (await once(child, 'message')) as [number];
  return { url: `http://127.0.0.1:${port}/`, pid: child.pid!, stop: () => void child.kill() };
}

async function serve(): Promise<void> {
  const [{ headers, body }] = (await once(process, 'message')) as [
    { headers: Record<string, string>; body: string },
  ];
  const server = createServer((_request, response) => {
    response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}

if (process.argv[2] === 'serve' && process.argv[1] === fileURLToPath(import.meta.url)) await serve();
