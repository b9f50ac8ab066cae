import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import type { Bus } from '../../src/bus/bus.ts';
import { createNatsBus, type NatsBusOptions } from '../../src/bus/nats.ts';
import { freePort } from './free-port.ts';
import { startNats } from './nats.ts';

const run = promisify(execFile);
const command = new URL('../../src/cli/nameplate.ts', import.meta.url).pathname;

/**
 * A NATS server as `nameplate bus init` sets it up, with credentials for the control plane and for some
 * hosts.
 */
export interface BusWithCredentials {
  /** A bus with the credentials of `control`, or of a host. */
  busOf(who: string, log?: NatsBusOptions['log']): Promise<Bus>;
  /** The bare protocol with the same credentials: what a thief has. */
  rawOf(who: string): Promise<NatsConnection>;
  close(): Promise<void>;
}

export async function startBusWithCredentials(hosts: readonly string[]): Promise<BusWithCredentials> {
  const dir = join(await mkdtemp(join(tmpdir(), 'np-bus-')), 'bus');
  const nameplate = (...words: string[]) => run(process.execPath, [command, ...words]);
  const port = await freePort();
  await nameplate('bus', 'init', '--dir', dir, '--listen', `127.0.0.1:${port}`);
  for (const host of hosts) await nameplate('host', 'add', host, '--dir', dir);
  const nats = await startNats({ configFile: join(dir, 'nats.conf'), port });
  const open: { close(): Promise<unknown> }[] = [];
  const fileOf = (who: string) => readFile(join(dir, who === 'control' ? '' : 'hosts', `${who}.creds`));
  return {
    async busOf(who, log = () => undefined) {
      const options = { servers: [nats.url], tlsCa: null, name: who, log };
      const bus = await createNatsBus({ ...options, credentials: await fileOf(who) });
      open.push(bus);
      return bus;
    },
    async rawOf(who) {
      const authenticator = credsAuthenticator(await fileOf(who));
      const connection = await connect({ servers: nats.url, authenticator, reconnect: false });
      open.push(connection);
      return connection;
    },
    async close() {
      for (const each of open) await each.close();
      await nats.stop();
      await rm(join(dir, '..'), { recursive: true, force: true });
    },
  };
}
