import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Bus } from '../../src/bus/bus.ts';
import { createNatsBus } from '../../src/bus/nats.ts';
import type { AgentEvent } from '../../src/model/command.ts';
import { PROTOCOL } from '../../src/model/protocol.ts';
import { ComputeClient } from '../lab/compute-client.ts';
import { natsObstacle, startNats } from '../lab/nats.ts';
import { type Part, startPart } from '../lab/part.ts';
import { type Parts, startParts } from '../lab/parts.ts';
import { type PreviousAgents, startPreviousAgents } from '../lab/previous-agents.ts';
import {
  checkOutPreviousRelease,
  PREVIOUS_RELEASE,
  previousReleaseObstacle,
  type Release,
} from '../lab/previous-release.ts';
import { SAMPLE_EVENTS } from '../lab/sample-messages.ts';

const run = promisify(execFile);
const COMMAND = new URL('../../src/cli/nameplate.ts', import.meta.url).pathname;

const obstacle = natsObstacle() ?? (await previousReleaseObstacle()) ?? false;
const SIMULATED = { nameplate: { driver: 'simulated' }, DEFAULT: { report_interval: '1' } };
const LOST = /cannot be told|were not taken in|not published|event rejected/;

async function hostOf(client: ComputeClient, id: string): Promise<string> {
  const { server } = (await client.ask('GET', `/servers/${id}`)) as { server: Record<string, string> };
  return server['OS-EXT-SRV-ATTR:host'] ?? '';
}

async function hostsUp(client: ComputeClient, count: number): Promise<void> {
  for (;;) {
    const said = (await client.ask('GET', '/os-hypervisors')) as { hypervisors: { state: string }[] };
    if (said.hypervisors.filter(({ state }) => state === 'up').length >= count) return;
    await delay(100);
  }
}

describe('the previous release beside this one', { skip: obstacle, timeout: 180_000 }, () => {
  let release: Release;
  before(async () => {
    release = await checkOutPreviousRelease();
  });
  after(() => release?.remove());

  describe('its agents with this control plane', () => {
    let parts: Parts;
    let agent: Part;
    let others: PreviousAgents;
    let client: ComputeClient;
    let imageRef: string;
    before(async () => {
      parts = await startParts({ command: release.command });
      const replica = await parts.serve('replica1');
      await parts.furnish({ guests: false });
      agent = await parts.agent('old1', SIMULATED, release);
      others = await startPreviousAgents(release, { parts, hosts: ['old2', 'old3'], beside: ['new1'] });
      client = await ComputeClient.login(replica.url);
      await hostsUp(client, 4);
      imageRef = await client.imageId('nameplate-demo');
    });
    after(async () => {
      await others?.end();
      await parts?.close();
    });

    it('create, stop, start, and delete a server', async () => {
      const id = await client.createServer({ name: 'one', imageRef, flavorRef: '3', host: 'old1' });
      await client.rests(id, 'ACTIVE');
      assert.match(await client.consoleLog(id), new RegExp(`serial=${id} `));
      await client.act(id, { 'os-stop': null }, 'SHUTOFF');
      await client.act(id, { 'os-start': null }, 'ACTIVE');
      await client.gone(id);
      assert.deepEqual(
        agent.logged.filter((line) => LOST.test(line)),
        [],
      );
    });

    it('migrate a server live, disks and all, and delete it', async () => {
      const id = await client.createServer({ name: 'two', imageRef, flavorRef: '3', host: 'old2' });
      await client.rests(id, 'ACTIVE');
      const live = { host: 'old3', block_migration: 'auto' };
      await client.act(id, { 'os-migrateLive': live }, 'ACTIVE');
      assert.equal(await hostOf(client, id), 'old3');
      await client.act(id, { reboot: { type: 'HARD' } }, 'ACTIVE');
      assert.match(await client.consoleLog(id), new RegExp(`serial=${id} `));
      await client.gone(id);
      assert.deepEqual(
        others.logged.filter((line) => LOST.test(line)),
        [],
      );
    });

    for (const [from, to] of [
      ['old2', 'new1'],
      ['new1', 'old2'],
    ] as const)
      it(`move a server from ${from} to ${to}, live and cold, where the new one is of this release`, async () => {
        const id = await client.createServer({ name: 'three', imageRef, flavorRef: '3', host: from });
        await client.rests(id, 'ACTIVE');
        await client.act(id, { 'os-migrateLive': { host: to, block_migration: 'auto' } }, 'ACTIVE');
        assert.equal(await hostOf(client, id), to);
        await client.act(id, { 'os-migrateLive': { host: from, block_migration: 'auto' } }, 'ACTIVE');
        await client.act(id, { migrate: { host: to } }, 'VERIFY_RESIZE');
        assert.equal(await hostOf(client, id), to);
        await client.act(id, { revertResize: null }, 'ACTIVE');
        assert.equal(await hostOf(client, id), from);
        await client.act(id, { migrate: { host: to } }, 'VERIFY_RESIZE');
        await client.act(id, { confirmResize: null }, 'ACTIVE');
        assert.equal(await hostOf(client, id), to);
        assert.match(await client.consoleLog(id), new RegExp(`serial=${id} `));
        await client.gone(id);
        assert.deepEqual(
          others.logged.filter((line) => LOST.test(line)),
          [],
        );
      });

    it('are listed with their release and protocol', async () => {
      const file = join(parts.folder, 'replica1', 'nameplate.conf');
      const { stdout } = await run(process.execPath, [COMMAND, 'host', 'list', '--config-file', file]);
      const { version, protocol } = PREVIOUS_RELEASE;
      for (const host of ['old1', 'old2', 'old3'])
        assert.match(stdout, new RegExp(`^${host} .* ${version} +${protocol} `, 'm'));
      assert.match(stdout, new RegExp(`^new1 .* +${PROTOCOL} `, 'm'));
    });
  });

  describe('its control plane with an agent of this release', () => {
    let parts: Parts;
    let agent: Part;
    let client: ComputeClient;
    before(async () => {
      const lab = await import(`${release.folder}/test/lab/parts.ts`);
      parts = await (lab.startParts as typeof startParts)();
      const replica = await parts.serve('replica1');
      await parts.furnish({ guests: false });
      agent = await startAgentFor(parts, 'new1');
      client = await ComputeClient.login(replica.url);
      await hostsUp(client, 1);
    });
    after(async () => {
      await agent?.end();
      await parts?.close();
    });

    it('creates, stops, starts and deletes a server', async () => {
      const imageRef = await client.imageId('nameplate-demo');
      const id = await client.createServer({ name: 'one', imageRef, flavorRef: '3' });
      await client.rests(id, 'ACTIVE');
      assert.match(await client.consoleLog(id), new RegExp(`serial=${id} `));
      await client.act(id, { 'os-stop': null }, 'SHUTOFF');
      await client.act(id, { 'os-start': null }, 'ACTIVE');
      await client.gone(id);
      assert.deepEqual(
        agent.logged.filter((line) => LOST.test(line)),
        [],
      );
    });
  });

  it('leaves events in its stream, which this control plane takes up, and cannot subscribe after that', async (t) => {
    const nats = await startNats();
    const buses: { close(): Promise<void> }[] = [];
    t.after(async () => {
      for (const bus of buses) await bus.close();
      await nats.stop();
    });
    const usual = { servers: [nats.url], credentials: null, tlsCa: null, log: () => undefined };
    const opened = <B extends { close(): Promise<void> }>(bus: B): B => {
      buses.push(bus);
      return bus;
    };
    const old = await import(`${release.folder}/src/bus/nats.ts`);
    const { Failure } = await import(`${release.folder}/src/model/failure.ts`);
    const control = await old.createNatsBus({ ...usual, name: 'control' });
    const agent = opened(await old.createNatsBus({ ...usual, name: 'agent' }));
    const refused = Promise.withResolvers<void>();
    let count = 0;
    await control.hear(async () => {
      if (++count === SAMPLE_EVENTS.length) refused.resolve();
      throw new Failure('unavailable', 'The store is away.');
    });
    for (const event of SAMPLE_EVENTS) agent.tell(wireOf(event)).catch(() => undefined);
    await refused.promise;
    await control.close();

    const replica: Bus = opened(await createNatsBus({ ...usual, name: 'replica' }));
    const types = new Map<string, AgentEvent>();
    const all = Promise.withResolvers<void>();
    await replica.subscribe(async (event) => {
      types.set(event.type, event);
      if (types.size === SAMPLE_EVENTS.length) all.resolve();
    });
    await all.promise;
    assert.deepEqual(
      SAMPLE_EVENTS.map(({ type }) => types.get(type)),
      SAMPLE_EVENTS,
    );
    for (const event of SAMPLE_EVENTS) await agent.tell(wireOf(event)); // and handles what comes after it

    const late = opened(await old.createNatsBus({ ...usual, name: 'late' }));
    await assert.rejects(
      late.hear(async () => undefined),
      {
        kind: 'unavailable',
        operatorText:
          /^NATS must have JetStream enabled.*: stream name already in use with a different configuration$/,
      },
    );
  });
});

/** An event in the words of release 0.1. */
function wireOf(event: AgentEvent): object {
  if (event.type === 'inventory') return { news: 'held', host: event.host, held: event.servers };
  const { type, ...rest } = event;
  return { news: type, ...rest };
}

/** Starts an agent of this release in a cloud that another release made. */
async function startAgentFor(parts: Parts, host: string): Promise<Part> {
  const dir = join(parts.folder, 'bus');
  await parts.nameplate('host', 'add', host, '--dir', dir);
  const state = join(parts.folder, host);
  await mkdir(state, { recursive: true });
  const file = join(state, 'nameplate.conf');
  const credentials = join(dir, 'hosts', `${host}.creds`);
  await writeFile(
    file,
    `[DEFAULT]\nstate_path = ${state}\nhost = ${host}\nmy_ip = 127.0.0.1\nreport_interval = 1\n` +
      `[nameplate]\ndriver = simulated\n[bus]\nservers = ${parts.nats.url}\ncredentials = ${credentials}\n`,
  );
  return startPart(['agent', '--config-file', file]);
}
