import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { liveMigrateServer } from '../../src/operations/live-migrate-server.ts';
import { migrateServer } from '../../src/operations/resize-server.ts';
import type { OperationKind } from '../../src/operations/step.ts';
import { ComputeClient } from '../lab/compute-client.ts';
import { libvirtHostObstacle } from '../lab/libvirt-host.ts';
import { type ManyHosts, startManyHosts } from '../lab/many-hosts.ts';
import { natsObstacle } from '../lab/nats.ts';
import { startMortalReplica } from './mortal-service.ts';

/** How soon another replica must have taken over what a dead one was doing. Milliseconds. */
const TAKEN_OVER_MS = 10_000;
const obstacle = libvirtHostObstacle() ?? natsObstacle() ?? (false as const);

describe('moves of a cloud whose parts are killed in the middle', {
  skip: obstacle,
  timeout: 600_000,
}, () => {
  let lab: ManyHosts;
  let client: ComputeClient;
  let image: string;
  let count = 0;

  before(async () => {
    lab = await startManyHosts();
    client = await ComputeClient.login(lab.url);
    image = await client.imageId('nameplate-demo');
  });
  after(() => lab?.close());

  const hostNamed = (name: string) => lab.hosts.find((host) => host.name === name)!;
  /** The serial of a host's own. */
  const serialOf = (name: string) =>
    hostNamed(name).machine.machineId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

  async function bootOn(host: string): Promise<string> {
    const id = await client.createServer({
      name: `server-${++count}`,
      imageRef: image,
      flavorRef: '1',
      host,
    });
    await client.rests(id, 'ACTIVE');
    await client.nextLine(id, 0);
    return id;
  }

  async function whereIs(id: string): Promise<string | undefined> {
    return ((await client.show(id)) as unknown as Record<string, string>)['OS-EXT-SRV-ATTR:host'];
  }

  /** What the guest prints from now on. */
  const says = async (id: string) => client.nextLine(id, (await client.consoleLog(id)).length);

  async function guestsOf(host: string, ...which: string[]): Promise<string[]> {
    const { stdout } = await hostNamed(host).machine.exec('virsh', ['list', '--uuid', ...which]);
    return stdout.split('\n').filter((line) => line !== '');
  }

  async function filesOf(host: string, id: string): Promise<string[]> {
    const { stdout } = await hostNamed(host).machine.exec('ls', ['/var/lib/libvirt/nameplate']);
    return stdout.split('\n').filter((name) => name === id);
  }

  /** Deletes the server: no host may have anything of it. */
  async function verifyCleanSlate(id: string, hosts = lab.hosts.map(({ name }) => name)): Promise<void> {
    await client.gone(id);
    for (const host of hosts) {
      assert.equal((await guestsOf(host, '--all')).includes(id), false, `${host} has no such guest`);
      assert.deepEqual(await filesOf(host, id), [], `${host} has no such files`);
    }
  }

  async function migrationsOf(id: string): Promise<{ status: string }[]> {
    const { migrations } = (await client.ask('GET', `/os-migrations?instance_uuid=${id}`)) as {
      migrations: { status: string }[];
    };
    return migrations;
  }

  /** A configuration for a replica of its own. */
  async function confOf(name: string): Promise<string> {
    const { folder } = lab.parts;
    const state = join(folder, name);
    await mkdir(state, { recursive: true, mode: 0o711 });
    const text = await readFile(join(folder, 'replica1', 'nameplate.conf'), 'utf8');
    const file = join(state, 'nameplate.conf');
    await writeFile(file, text.replace(/^state_path *=.*$/m, `state_path = ${state}`));
    return file;
  }

  const MOVES = [
    {
      kind: migrateServer,
      ask: { migrate: { host: 'host2' } },
      status: 'VERIFY_RESIZE',
      serial: 'host2',
      boot: 2,
    },
    {
      kind: liveMigrateServer,
      ask: { 'os-migrateLive': { host: 'host2', block_migration: 'auto' } },
      status: 'ACTIVE',
      serial: 'host1',
      boot: 1,
    },
  ] as const;
  const boundariesOf = ({ steps }: OperationKind) => [
    'begun',
    ...steps.map(({ name }) => `step done: ${name}`),
  ];

  for (const { kind, ask, status, serial, boot } of MOVES)
    describe(`the replica that runs ${kind.kind} killed: another goes on, and nothing is done twice`, {
      concurrency: 2,
    }, () => {
      for (const boundary of boundariesOf(kind))
        it(boundary, async () => {
          const id = await bootOn('host1');
          const replica = await startMortalReplica(await confOf(`mortal-${id}`));
          const mortal = await ComputeClient.login(replica.url);
          await replica.dieAt({ kind: kind.kind, boundary });
          await mortal.ask('POST', `/servers/${id}/action`, ask).catch(() => undefined); // the answer may be lost with it
          await replica.died();
          const died = Date.now();
          const [before] = await ownerOf(id);
          while ((await ownerOf(id))[0] === before) await delay(50);
          assert.ok(Date.now() - died < TAKEN_OVER_MS, 'taken over in time');
          await client.rests(id, status);
          const line = await says(id);
          assert.deepEqual(
            { serial: line.serial, boot: line.boot, host: await whereIs(id) },
            { serial: serialOf(serial), boot, host: 'host2' },
          );
          assert.equal((await guestsOf('host1')).includes(id), false, 'it runs once');
          assert.equal((await migrationsOf(id)).length, 1);
          await verifyCleanSlate(id);
        });
    });

  /** The replica that has the server's newest operation. */
  async function ownerOf(id: string): Promise<string[]> {
    return lab.postgres.query(
      `select owner from operations where server_id = '${id}' order by number desc limit 1`,
      'lab_0',
    );
  }

  it('a host that fails and one that is only cut off: evacuated, and when it comes back its stale guests end', async () => {
    const [failed, cutOff] = await Promise.all([bootOn('host1'), bootOn('host1')]);
    const { machine, agent } = hostNamed('host1');
    await agent.end('SIGKILL');
    await machine.killDaemon();
    const { stdout } = await machine.exec('pgrep', ['-f', `qemu.*${failed}`]);
    await machine.exec('kill', ['-9', ...stdout.trim().split('\n')]);
    await setForcedDown('host1', true);

    for (const id of [failed, cutOff]) await client.act(id, { evacuate: { host: 'host2' } }, 'ACTIVE');
    for (const id of [failed, cutOff]) {
      assert.equal((await says(id)).serial, serialOf('host2'));
      assert.equal(await whereIs(id), 'host2');
    }
    await machine.restartDaemon();
    assert.equal((await guestsOf('host1')).includes(cutOff), true, 'it ran on, cut off');
    await hostNamed('host1').restartAgent();
    await setForcedDown('host1', false);
    for (const id of [failed, cutOff])
      while ((await guestsOf('host1', '--all')).includes(id) || (await filesOf('host1', id)).length > 0)
        await delay(100);
    for (const id of [failed, cutOff]) {
      const { status } = await client.show(id);
      assert.equal(status, 'ACTIVE');
      assert.equal((await says(id)).serial, serialOf('host2'), 'the one that counts runs on');
      await verifyCleanSlate(id);
    }
  });

  async function setForcedDown(host: string, forced_down: boolean): Promise<void> {
    const { services } = (await client.ask('GET', '/os-services')) as {
      services: { id: string; host: string }[];
    };
    const service = services.find((one) => one.host === host);
    await client.ask('PUT', `/os-services/${service?.id}`, { forced_down });
  }

  it('the destination powered off in mid live migration: the guest goes on at the source', async () => {
    const id = await bootOn('host2');
    const before = await says(id);
    await hostNamed('host2').machine.exec('virsh', ['migrate-setspeed', id, '4']);
    const ask = { 'os-migrateLive': { host: 'host3', block_migration: 'auto' } };
    await client.ask('POST', `/servers/${id}/action`, ask);
    while ((await migrationsOf(id))[0]?.status !== 'running') await delay(50);
    await hostNamed('host3').machine.stop();
    await client.rests(id, 'ACTIVE');
    assert.equal(await whereIs(id), 'host2');
    assert.equal((await migrationsOf(id))[0]?.status, 'error');
    const now = await says(id);
    assert.deepEqual({ serial: now.serial, boot: now.boot }, { serial: before.serial, boot: before.boot });
    await verifyCleanSlate(id, ['host1', 'host2']);
  });
});
