import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { type Cloud, startCloudFor } from '../../test/lab/cloud.ts';
import { HOST, MACHINE_ID } from '../../test/lab/cloud-host.ts';
import { flavorOf, imageOf, requester, serverRequest } from '../../test/lab/requests.ts';
import type { ServerId } from '../model/ids.ts';
import { ledgerHeadOf } from '../serial/ledger-entry.ts';
import { decideNextBoot } from '../serial/next-boot.ts';
import { type PendingSerial, pendingOf } from '../serial/pending.ts';
import { SERIAL_OPTIONS, type SerialOption } from '../serial/policy.ts';
import { deleteServer } from './kinds/delete-server.ts';
import { startServer, stopServer } from './kinds/power-server.ts';
import { hardRebootServer } from './kinds/reboot-server.ts';

/** What flavor and image say, in the words of `hw:unique_serial` and `hw_unique_serial`. */
const POLICIES = [
  ['unset', {}, {}],
  ['the flavor says true', { 'hw:unique_serial': 'true' }, {}],
  ['the image says true', {}, { hw_unique_serial: 'yes' }],
  ['the flavor says false', { 'hw:unique_serial': 'false' }, {}],
  ['the image says false', {}, { hw_unique_serial: '0' }],
] as const;

/** What becomes of the machine-id while the agent is away. */
const MACHINE_IDS = {
  'the same': MACHINE_ID,
  another: 'fedcba98-7654-3210-fedc-ba9876543210',
  'one digit': '0'.repeat(32),
  empty: '',
};

async function created(cloud: Cloud, policy: (typeof POLICIES)[number]): Promise<ServerId> {
  const [, extraSpecs, properties] = policy;
  const request = serverRequest({
    flavor: flavorOf({ id: 'f', extraSpecs }),
    image: imageOf({ properties }),
  });
  const [server] = await cloud.operations.createServers(request, requester());
  await cloud.idle();
  return server!.id;
}

async function pendingNow({ store, server }: Cloud, id: ServerId): Promise<PendingSerial | null> {
  const { current } = ledgerHeadOf(await store.serials.of(id));
  return pendingOf(current, decideNextBoot(await server(id), (await store.hosts.find(HOST))!));
}

async function agentAgain(cloud: Cloud, to: { option: SerialOption; machineId: string }): Promise<void> {
  const host = cloud.hosts.get(HOST)!;
  await host.silence();
  await writeFile(host.machineIdFile, `${to.machineId}\n`);
  await host.speak(to.option);
}

/** The serial after a hard reboot, or `refused`. */
async function rebooted(cloud: Cloud, id: ServerId): Promise<string | null> {
  await cloud.operations.start(hardRebootServer, await cloud.server(id), {}, requester());
  await cloud.idle();
  const [action] = await cloud.store.actions.list(id, { limit: 1 });
  return action?.message === 'Error'
    ? 'refused'
    : ledgerHeadOf(await cloud.store.serials.of(id)).current!.serial;
}

const effects = async ({ store }: Cloud, id: ServerId) =>
  (await store.serials.of(id)).map(({ effect }) => effect);

describe('what is pending is what the next hard boot does, from every option to every other', () => {
  for (const before of SERIAL_OPTIONS)
    it(`sysinfo_serial was ${before}`, async (t) => {
      const cloud = await startCloudFor(t, { serialOption: before });
      for (const policy of POLICIES)
        for (const after of SERIAL_OPTIONS)
          for (const [change, machineId] of Object.entries(MACHINE_IDS)) {
            const label = `${policy[0]}; then ${after} and the machine-id is ${change}`;
            await agentAgain(cloud, { option: before, machineId: MACHINE_ID });
            const id = await created(cloud, policy);
            const had = ledgerHeadOf(await cloud.store.serials.of(id)).current!.serial;
            await agentAgain(cloud, { option: after, machineId });
            const pending = await pendingNow(cloud, id);
            const lines = await effects(cloud, id);
            const came = await rebooted(cloud, id);
            const expected =
              pending === null ? had : pending.outcome === 'refuses' ? 'refused' : pending.decision.serial;
            assert.equal(came, expected, label);
            assert.equal(pending === null, came === had, label);
            const waits = pending === null ? [] : [pending.outcome === 'refuses' ? 'refused' : 'pending'];
            assert.deepEqual(lines, ['booted', ...waits], label);
            await cloud.operations.start(deleteServer, await cloud.server(id), {}, requester());
            await cloud.idle();
          }
    });
});

describe('the ledger of a server whose host changes', () => {
  const to = { option: 'os', machineId: MACHINE_IDS.another } as const;
  const back = { option: 'os', machineId: MACHINE_ID } as const;

  it('gets one line when a change begins to wait, and one when it does not wait any more', async (t) => {
    const cloud = await startCloudFor(t, { serialOption: 'os' });
    const id = await created(cloud, POLICIES[0]);
    for (let report = 0; report < 2; report++) await agentAgain(cloud, to);
    assert.deepEqual(await effects(cloud, id), ['booted', 'pending']);
    const waits = (await cloud.store.serials.of(id)).at(-1)!;
    assert.deepEqual(
      [waits.serial, waits.host, waits.operation, waits.operationId],
      [MACHINE_IDS.another, HOST, 'host-report', null],
    );
    for (let report = 0; report < 2; report++) await agentAgain(cloud, back);
    assert.deepEqual(await effects(cloud, id), ['booted', 'pending', 'settled']);
    assert.equal(await pendingNow(cloud, id), null);
    await agentAgain(cloud, { ...to, machineId: '' });
    assert.deepEqual(await effects(cloud, id), ['booted', 'pending', 'settled', 'refused']);
  });

  it('gets it for each of its servers, also for one that is stopped, and for none that has its own serial', async (t) => {
    const cloud = await startCloudFor(t, { serialOption: 'os' });
    const [runs, rests, own] = [
      await created(cloud, POLICIES[0]),
      await created(cloud, POLICIES[0]),
      await created(cloud, POLICIES[1]),
    ];
    await cloud.operations.start(stopServer, await cloud.server(rests), {}, requester());
    await cloud.idle();
    await agentAgain(cloud, to);
    for (const id of [runs, rests]) assert.deepEqual(await effects(cloud, id), ['booted', 'pending']);
    assert.deepEqual(await effects(cloud, own), ['booted']);
    await cloud.operations.start(startServer, await cloud.server(rests), {}, requester());
    await cloud.idle();
    assert.deepEqual(await effects(cloud, rests), ['booted', 'pending', 'booted']);
    assert.equal(await pendingNow(cloud, rests), null);
  });

  it('stays the way it is where nothing was noted: what is pending is computed', async (t) => {
    const cloud = await startCloudFor(t, { serialOption: 'os' });
    const id = await created(cloud, POLICIES[0]);
    const host = (await cloud.store.hosts.find(HOST))!;
    const { number: _, status: __, disabledReason: ___, forcedDown: ____, ...report } = host;
    const machineId = { ...host.machineId, text: MACHINE_IDS.another };
    await cloud.store.hosts.report({ ...report, machineId } as typeof report);
    assert.equal((await pendingNow(cloud, id))?.outcome, 'changes');
    assert.deepEqual(await effects(cloud, id), ['booted']);
  });
});
