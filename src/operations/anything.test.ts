import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Cloud, startCloud } from '../../test/lab/cloud.ts';
import { createFaultyDriver } from '../../test/lab/faulty-driver.ts';
import { createOne, LARGE, OWN_SERIAL_IMAGE } from '../../test/lab/operation-cases.ts';
import { flavorOf, imageOf, requester } from '../../test/lab/requests.ts';
import { guestFile, hostFiles } from '../../test/lab/whole-server.ts';
import { Failure } from '../model/failure.ts';
import type { OperationId, ServerId } from '../model/ids.ts';
import type { Server } from '../model/server.ts';
import { deleteServer } from './kinds/delete-server.ts';
import {
  pauseServer,
  resumeServer,
  startServer,
  stopServer,
  suspendServer,
  unpauseServer,
} from './kinds/power-server.ts';
import { hardRebootServer, softRebootServer } from './kinds/reboot-server.ts';
import { rebuildServer } from './kinds/rebuild-server.ts';
import { confirmResize, resizeServer, revertResize } from './kinds/resize-server.ts';

const STILL_LARGER = flavorOf({ id: 'huge', rootGb: 3, extraSpecs: { 'hw:unique_serial': 'false' } });
const REQUESTS: Readonly<Record<string, (cloud: Cloud, server: Server) => Promise<unknown>>> = {
  stop: ({ operations }, server) => operations.start(stopServer, server, {}, requester()),
  start: ({ operations }, server) => operations.start(startServer, server, {}, requester()),
  'soft reboot': ({ operations }, server) => operations.start(softRebootServer, server, {}, requester()),
  'hard reboot': ({ operations }, server) => operations.start(hardRebootServer, server, {}, requester()),
  pause: ({ operations }, server) => operations.start(pauseServer, server, {}, requester()),
  unpause: ({ operations }, server) => operations.start(unpauseServer, server, {}, requester()),
  suspend: ({ operations }, server) => operations.start(suspendServer, server, {}, requester()),
  resume: ({ operations }, server) => operations.start(resumeServer, server, {}, requester()),
  'rebuild, own serial': ({ operations }, server) =>
    operations.start(rebuildServer, server, { image: OWN_SERIAL_IMAGE }, requester()),
  'rebuild, no wish': ({ operations }, server) =>
    operations.start(rebuildServer, server, { image: imageOf({}) }, requester()),
  resize: ({ operations }, server) => operations.start(resizeServer, server, { flavor: LARGE }, requester()),
  'resize further': ({ operations }, server) =>
    operations.start(resizeServer, server, { flavor: STILL_LARGER }, requester()),
  confirm: ({ operations }, server) => operations.start(confirmResize, server, {}, requester()),
  revert: ({ operations }, server) => operations.start(revertResize, server, {}, requester()),
  delete: ({ operations }, server) => operations.start(deleteServer, server, {}, requester()),
  lock: ({ operations }, server) => operations.lock(server, null, requester()),
  unlock: ({ operations }, server) => operations.unlock(server, requester()),
};

/** What the guest of a resting server does. */
const GUEST_POWER: Partial<Record<Server['vmState'], string>> = {
  active: 'running',
  paused: 'paused',
  stopped: 'shutdown',
  suspended: 'shutdown',
};

const names = Object.keys(REQUESTS);
const often = names.filter((name) => name !== 'delete' && name !== 'lock');
const anyScript = fc.array(
  fc.record({
    request: fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...often) }, fc.constantFrom(...names)),
    /** Whether the next request waits until this one has had its effect. */
    waits: fc.boolean(),
  }),
  { minLength: 4, maxLength: 12 },
);

async function play(cloud: Cloud, id: ServerId, script: readonly { request: string; waits: boolean }[]) {
  for (const { request, waits } of script) {
    const asked = REQUESTS[request]!(cloud, await cloud.server(id));
    await asked.catch((error: unknown) => {
      assert.ok(error instanceof Failure, `${request}: ${error}`);
      assert.ok(['conflict', 'not-found'].includes(error.kind), `${request}: ${error.operatorText}`);
    });
    if (waits) await cloud.idle();
  }
  await cloud.idle();
}

/** A server at rest agrees with its guest, its disks and the ledger. */
async function assertInOrder(cloud: Cloud, id: ServerId): Promise<void> {
  const server = await cloud.server(id);
  assert.equal(server.taskState, null);
  const guest = await guestFile(cloud, id);
  if (server.vmState === 'deleted') return assert.equal(guest, undefined);
  if (server.vmState === 'error') return assert.ok(server.fault, 'it is said what happened');
  assert.ok(guest);
  assert.equal(guest.power, GUEST_POWER[server.vmState] ?? server.powerState);
  assert.equal(guest.power, server.powerState);
  if (server.vmState === 'suspended') assert.ok(guest.savedMemory);
  for (const operation of Object.keys(guest.kept) as OperationId[]) {
    const { notUndone } = (await cloud.store.operations.find(operation))!;
    assert.notDeepEqual(
      notUndone,
      [],
      'kept is only what could not be put back; a server in ERROR may be stopped',
    );
  }
  const sets = [server.diskSet, server.oldDiskSet].filter((set) => set !== null).sort();
  assert.deepEqual(Object.keys(guest.disks).sort(), sets);
  assert.equal(guest.definition?.diskSet, server.diskSet);
  const last = (await cloud.store.serials.of(id)).at(-1);
  assert.equal(guest.definition.serial, last?.serial, 'the ledger says what the guest will show');
  if (guest.live !== null) assert.equal(guest.live.serial, last?.serial);
}

async function remove(cloud: Cloud, id: ServerId): Promise<void> {
  const admin = requester({ isAdmin: true });
  if ((await cloud.server(id)).vmState !== 'deleted')
    await cloud.operations.start(deleteServer, await cloud.server(id), {}, admin);
  await cloud.idle();
  assert.equal((await cloud.server(id)).vmState, 'deleted');
  assert.deepEqual(
    (await hostFiles(cloud)).filter((name) => name.startsWith(id)),
    [],
  );
  assert.deepEqual(await cloud.store.operations.unfinished(), []);
}

describe('whatever is asked, in whatever order', () => {
  it('servers come to rest, agree with their guests, and are deleted whole', async (t) => {
    const cloud = await startCloud();
    t.after(() => cloud.close());
    await fc.assert(
      fc.asyncProperty(anyScript, async (script) => {
        const { id } = await createOne(cloud);
        await play(cloud, id, script);
        await assertInOrder(cloud, id);
        await remove(cloud, id);
      }),
      { numRuns: 60 },
    );
  });

  it('and whichever calls fail or lose their answers', async (t) => {
    const faults = createFaultyDriver();
    const cloud = await startCloud({ wrap: (driver) => faults.wrap(driver) });
    t.after(() => cloud.close());
    const anyFault = fc.record({
      number: fc.integer({ min: 1, max: 25 }),
      when: fc.constantFrom('before' as const, 'after' as const),
      kind: fc.constantFrom(
        'internal' as const,
        'invalid' as const,
        'timed-out' as const,
        'outcome-unknown' as const,
      ),
    });
    await fc.assert(
      fc.asyncProperty(
        anyScript,
        fc.array(anyFault, { minLength: 1, maxLength: 3 }),
        async (script, chosen) => {
          faults.arm(({ number, method }) => {
            // What only tidies up leaves something behind when it fails; a delete takes that away.
            if (method === 'forgetDefinition' || method === 'deleteDisks') return undefined;
            const fault = chosen.find((each) => each.number === number);
            return fault && { when: fault.when, failure: new Failure(fault.kind, 'It failed.') };
          });
          const { id } = await createOne(cloud);
          await play(cloud, id, script);
          await assertInOrder(cloud, id);
          faults.disarm();
          await remove(cloud, id);
        },
      ),
      { numRuns: 60 },
    );
  });
});
