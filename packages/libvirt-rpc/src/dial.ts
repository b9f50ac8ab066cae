import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { ConnectionLost } from './errors.ts';
import type { Endpoint, Target } from './uri.ts';

/**
 * Connects a socket to the first of the target's endpoints that takes it.
 *
 * @throws ConnectionLost (outcome `not sent`) that says of each endpoint why not.
 */
export async function dial(target: Target, signal: AbortSignal): Promise<Socket> {
  const refusals: string[] = [];
  let cause: unknown;
  for (const endpoint of target.endpoints) {
    const socket = createConnection(
      endpoint.kind === 'unix'
        ? { path: endpoint.path }
        : { host: endpoint.host, port: endpoint.port, noDelay: true, keepAlive: true },
    );
    try {
      await once(socket, 'connect', { signal });
      return socket;
    } catch (error) {
      socket.destroy();
      if (signal.aborted) throw error;
      cause = error;
      refusals.push(`${describe(endpoint)}: ${error instanceof Error ? error.message : error}`);
    }
  }
  throw new ConnectionLost(`no libvirt daemon answers at ${refusals.join('; ')}`, 'not sent', cause);
}

function describe(endpoint: Endpoint): string {
  return endpoint.kind === 'unix' ? endpoint.path : `${endpoint.host} port ${endpoint.port}`;
}
