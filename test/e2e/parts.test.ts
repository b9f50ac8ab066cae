import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ComputeClient } from '../lab/compute-client.ts';
import { natsObstacle } from '../lab/nats.ts';
import type { Part } from '../lab/part.ts';
import { type Parts, startParts } from '../lab/parts.ts';
import { type PostgresServer, startPostgres } from '../lab/postgres.ts';

const run = promisify(execFile);
const COMMAND = new URL('../../src/cli/nameplate.ts', import.meta.url).pathname;
const SIMULATED = { nameplate: { driver: 'simulated' } };

describe('a cloud of processes', { skip: natsObstacle() ?? false, timeout: 180_000 }, () => {
  let postgres: PostgresServer;
  let parts: Parts;
  let replicas: Part[];
  let client: ComputeClient;
  before(async () => {
    postgres = await startPostgres();
    parts = await startParts({ database: await postgres.createDatabase('loopback') });
    replicas = [await parts.serve('one'), await parts.serve('two')];
    await parts.furnish({ guests: false });
    const quick = { DEFAULT: { report_interval: '1' } };
    for (const host of ['kant', 'hume']) await parts.agent(host, { ...SIMULATED, ...quick });
    client = await ComputeClient.login(replicas[0]?.url ?? '');
  });
  after(async () => {
    await parts?.close();
    await postgres?.remove();
  });
  const bothHosts = async () => {
    for (;;) {
      const said = (await client.ask('GET', '/os-hypervisors')) as { hypervisors: { state: string }[] };
      if (said.hypervisors.filter(({ state }) => state === 'up').length === 2) return;
      await delay(100);
    }
  };
  const create = async (through: ComputeClient, name: string) =>
    through.createServer({ name, imageRef: await client.imageId('nameplate-demo'), flavorRef: '3' });

  it('knows its hosts once they have reported', async () => {
    await bothHosts();
    const file = join(parts.folder, 'one', 'nameplate.conf');
    const listed = await parts.nameplate('host', 'list', '--config-file', file);
    assert.match(listed, /^kant +up +enabled/m);
    assert.match(listed, /^hume +up +enabled/m);
  });

  it('makes a server over the bus, and each replica shows it', async () => {
    const id = await create(client, 'first');
    await client.rests(id, 'ACTIVE');
    assert.match(await client.consoleLog(id), new RegExp(`serial=${id} `));
    const other = await ComputeClient.login(replicas[1]?.url ?? '');
    assert.equal((await other.show(id)).status, 'ACTIVE');
    await other.gone(id);
    assert.equal((await client.send('GET', `/servers/${id}`)).status, 404);
  });

  it('is owned by the admin that the first replica made; the others keep no password', () => {
    assert.ok(existsSync(join(parts.folder, 'one', 'clouds.yaml')));
    for (const file of ['admin-password', 'clouds.yaml'])
      assert.equal(existsSync(join(parts.folder, 'two', file)), false, file);
  });

  it('gives image data to whoever has a link, and to nobody else', async () => {
    const image = await client.imageId('nameplate-demo');
    const url = `${replicas[0]?.url}/nameplate/v1/image-data/${image}`;
    for (const [query, status] of [
      ['', 400],
      ['?until=99999999999999&key=AAAA', 403],
    ] as const)
      assert.equal((await fetch(url + query)).status, status, query);
  });

  it('goes on by itself after NATS was away', async () => {
    await parts.nats.kill();
    const id = await create(client, 'meanwhile');
    await parts.nats.restart();
    await client.rests(id, 'ACTIVE');
    await client.gone(id);
  });

  it('loses no server with the replica that is making it', async () => {
    const [one, two] = [replicas[0] as Part, replicas[1] as Part];
    const other = await ComputeClient.login(two.url);
    const id = await create(client, 'orphan');
    await one.end('SIGKILL');
    await other.rests(id, 'ACTIVE');
    await other.gone(id);
  });

  it('has each part end as it is told to, also when it is told more than once', async () => {
    const two = replicas[1] as Part;
    let over = false;
    const ended = two.ended.finally(() => {
      over = true;
    });
    while (!over) {
      for (const told of ['SIGTERM', 'SIGINT'] as const) void two.end(told);
      await setImmediate();
    }
    assert.equal(await ended, 0);
  });
});

describe('a part that cannot start', { timeout: 60_000 }, () => {
  const refused = async (words: string[], env: Record<string, string> = {}) => {
    const failed = await run(process.execPath, [COMMAND, ...words], { env: { ...process.env, ...env } }).then(
      () => assert.fail('it started'),
      (error: { code: number; stderr: string }) => error,
    );
    return { status: failed.code, said: failed.stderr };
  };

  it('says which option is missing or wrong, and ends with 2', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'np-part-'));
    t.after(() => rm(folder, { recursive: true }));
    const file = join(folder, 'nameplate.conf');
    for (const command of ['serve', 'agent']) {
      await writeFile(file, `[DEFAULT]\nstate_path = ${folder}/state\n`);
      const none = await refused([command, '--config-file', file]);
      assert.equal(none.status, 2);
      assert.match(none.said, /\[bus\] servers is not set: nameplate (serve|agent) needs NATS/);
      await writeFile(file, `[bus]\nservers = nats://127.0.0.1:1\ncredentials = ${folder}/none.creds\n`);
      const missing = await refused([command, '--state-dir', folder, '--config-file', file]);
      assert.equal(missing.status, 2);
      assert.match(missing.said, /\[bus\] credentials = .*none\.creds cannot be read: it does not exist/);
    }
  });

  it('is told so where the words are wrong', async () => {
    for (const words of [
      ['host', 'add'],
      ['host', 'add', 'kant'],
      ['bus', 'init'],
      ['agents'],
      ['serve', '--dir', '/tmp'],
      ['bus', 'init', '--dir', '/nonexistent/x', '--tls-cert', 'x.pem'],
      ['bus', 'init', '--dir', '/nonexistent/x', '--listen', 'here'],
    ]) {
      const { status, said } = await refused(words);
      assert.equal(status, 2, `${words.join(' ')}: ${said}`);
      assert.match(said, /^nameplate: /);
    }
  });
});
