import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { startControl } from '../../src/main/control.ts';
import { type PostgresServer, startPostgres } from '../lab/postgres.ts';
import {
  type Answer,
  type Asked,
  type CloudUnderTest,
  configFor,
  PASSWORD,
  type Setting,
  send,
  startCloud,
} from './cloud-under-test.ts';

/** A cloud whose requests go to its replicas in turn. */
export interface ReplicatedCloud {
  readonly cloud: CloudUnderTest;
  /** Where each replica listens. */
  readonly urls: readonly string[];
  ask(asked: Asked): Promise<Answer>;
  /** Sends so many requests at once. */
  atOnce(count: number, asked: (index: number) => Asked): Promise<Answer[]>;
  close(): Promise<void>;
}

/**
 * Runs tests on each store: on SQLite with the one replica that it can have, on PostgreSQL with two, the
 * second of them on a connection pool of its own.
 */
export function onEachStore(
  name: string,
  settings: readonly Setting[],
  tests: (the: () => ReplicatedCloud) => void,
) {
  let running: ReplicatedCloud;
  let postgres: PostgresServer | undefined;
  for (const database of ['SQLite', 'PostgreSQL'] as const)
    describe(`${name}, on ${database}`, () => {
      before(async () => {
        postgres = database === 'SQLite' ? undefined : await startPostgres();
        running = await start(settings, await postgres?.createDatabase());
      });
      after(async () => {
        await running.close();
        await postgres?.remove();
      });
      tests(() => running);
    });
}

async function start(settings: readonly Setting[], connection: string | undefined): Promise<ReplicatedCloud> {
  const all: readonly Setting[] =
    connection === undefined ? settings : [...settings, ['database', 'connection', connection]];
  const cloud = await startCloud(all);
  const second = connection === undefined ? undefined : await startReplica(cloud, all);
  const urls = second === undefined ? [cloud.service.url] : [cloud.service.url, second.url];
  let turn = 0;
  const ask = (asked: Asked) => send(urls[turn++ % urls.length]!, asked);
  return {
    cloud,
    urls,
    ask,
    atOnce: (count, asked) => Promise.all(Array.from({ length: count }, (_, index) => ask(asked(index)))),
    async close() {
      await second?.close();
      await cloud.close();
    },
  };
}

/** Another replica of the control plane, without a host. */
async function startReplica(cloud: CloudUnderTest, settings: readonly Setting[]) {
  const folder = await mkdtemp(join(tmpdir(), 'nameplate-replica-'));
  const config = configFor(folder, settings);
  const log = () => {};
  const control = await startControl({ config, bus: cloud.bus, adminPassword: PASSWORD, shared: true, log });
  return {
    url: control.url,
    async close() {
      await control.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
