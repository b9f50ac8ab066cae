import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { type CloudOptions, startCloud, startCloudFor } from '../../test/lab/cloud.ts';
import { activeServer, stop } from '../../test/lab/operation-cases.ts';
import { NO_LIMITS, requester } from '../../test/lab/requests.ts';
import { heldOf } from '../../test/lab/whole-server.ts';
import { Failure } from '../model/failure.ts';
import { Type } from '../model/schema.ts';
import { asRequested } from './engine/beginning.ts';
import { createEngine, type Engine } from './engine/engine.ts';
import { newReplica } from './engine/replica.ts';
import type { OperationKind } from './engine/step.ts';
import { inputOf, schemaOf } from './engine/stored-values.ts';
import { deleteServer } from './kinds/delete-server.ts';
import { OPERATION_KINDS } from './kinds/operation-kinds.ts';
import { stopServer } from './kinds/power-server.ts';
import { createOperations } from './requests/create-operations.ts';

/** An earlier release, in which a stop had another version. */
const EARLIER = OPERATION_KINDS.map((kind) => (kind.kind === 'stop-server' ? { ...kind, version: 0 } : kind));
const WHY = 'It is of version 1 of stop-server; this release runs version 0.';

/** The process ends as the stop has begun. */
const DIES: CloudOptions = {
  onBoundary({ kind, boundary }) {
    if (kind === 'stop-server' && boundary === 'begun') throw new Error('the process ends here');
  },
};

/** Resolves when the store's one unfinished stop says why it is not understood. */
async function saysWhy(read: () => Promise<{ readonly notUnderstood: string | null } | undefined>) {
  for (;;) {
    const stuck = await read();
    if (typeof stuck?.notUnderstood === 'string') return stuck.notUnderstood;
    await new Promise(setImmediate);
  }
}

describe('an operation of another release', () => {
  it('is left alone by a replica that does not understand it, and lets go of its lease, until one that understands it goes on', async (t) => {
    const cloud = await startCloudFor(t, { ...DIES, shared: true });
    const server = await activeServer(cloud);
    await stop(cloud, server);
    await cloud.idle();
    const ended = Promise.withResolvers<void>();
    const replica = (kinds: Parameters<typeof createEngine>[0]['kinds']): Engine => {
      const engine = createEngine({
        ...cloud.engineParts,
        kinds,
        replica: newReplica({ shared: true }),
        now: () => Date.now() + 10_000, // the lease of the one that died is over
        onBoundary: ({ kind, boundary }) => {
          if (kind === 'delete-server' && boundary === 'end') ended.resolve();
        },
      });
      t.after(() => engine.close());
      return engine;
    };
    const older = replica(EARLIER);
    await older.recover();
    const stuck = async () =>
      (await cloud.store.operations.unfinished()).find(({ kind }) => kind === 'stop-server');
    assert.equal(await saysWhy(stuck), WHY);
    const { owner, leaseUntil, step } = (await stuck())!;
    assert.deepEqual({ owner, leaseUntil, step }, { owner: '', leaseUntil: 0, step: 'power off' });
    assert.match(cloud.logged.join('\n'), /operation-not-understood .*version 1 of stop-server/m);
    assert.equal((await cloud.server(server.id)).taskState, 'powering-off', 'nothing is guessed');

    const asked = createOperations({ ...cloud.engineParts, engine: older, limitsOf: async () => NO_LIMITS });
    await asked.start(deleteServer, server, {}, requester()); // waits for what was begun before it
    await replica(OPERATION_KINDS).recover();
    await ended.promise;
    assert.equal((await cloud.server(server.id)).vmState, 'deleted');
    assert.deepEqual(await heldOf(cloud, server.id), []);
    assert.deepEqual(await cloud.store.operations.unfinished(), []);
  });

  it('is left alone by the only replica, too, and so is its server, until the other release is started again', async () => {
    const first = await startCloud(DIES);
    const server = await activeServer(first);
    await stop(first, server);
    await first.idle();
    await first.stop();

    const older = await startCloud({ folder: first.folder, kinds: EARLIER });
    assert.equal(await saysWhy(async () => (await older.store.operations.unfinished())[0]), WHY);
    await older.operations.start(deleteServer, server, {}, requester());
    await older.stop();

    const newer = await startCloud({ folder: first.folder });
    await newer.idle();
    assert.equal((await newer.server(server.id)).vmState, 'deleted');
    assert.deepEqual(await newer.store.operations.unfinished(), []);
    await newer.stop();
    await rm(first.folder, { recursive: true });
  });

  for (const boundary of ['begun', 'step done: power off', 'step failed: power off'] as const)
    it(`that stopped at '${boundary}' goes on in a release whose kind has grown, which converts it`, async (t) => {
      const fails = boundary === 'step failed: power off';
      // Releases that wrote the last step down before the end left a stop without a step.
      const isDone = boundary === 'step done: power off';
      const deadly = isDone ? 'begun' : boundary;
      const before = await startCloud({
        onBoundary(at) {
          if (at.kind === 'stop-server' && at.boundary === deadly) throw new Error('the process ends here');
        },
        ...(fails && { kinds: OPERATION_KINDS.map((kind) => (kind === stopServer ? FAILING : kind)) }),
      });
      t.after(() => rm(before.folder, { recursive: true }));
      const server = await activeServer(before);
      await stop(before, server);
      await before.idle();
      const { operations } = before.store;
      const [left] = await operations.unfinished();
      if (isDone) await operations.save({ ...left!, step: null, outputs: { 'power off': null } });
      await before.stop();

      const after = await startCloud({ folder: before.folder, kinds: GROWN });
      t.after(() => after.stop());
      await after.idle();
      const [stored] = await after.store.operations.list({ kind: 'stop-server' }, { limit: 1 });
      const { version, state, outputs, input } = stored!;
      const done = { 'end guest': { politely: true }, 'look at guest': null };
      assert.deepEqual(
        { version, state, outputs, input },
        {
          version: 2,
          state: fails ? 'undone' : 'done',
          outputs: fails ? {} : done,
          input: { politely: true },
        },
      );
      const { vmState, taskState } = await after.server(server.id);
      assert.deepEqual([vmState, taskState], [fails ? 'active' : 'stopped', null]);
    });
});

/** A stop whose step fails. */
const FAILING: OperationKind = {
  ...stopServer,
  steps: stopServer.steps.map((step) => ({
    ...step,
    tries: 1,
    do: () => Promise.reject(new Failure('conflict', 'The guest refuses.')),
  })),
};

/** A later release, whose stop has renamed its step, added one after it, and keeps an input and an output. */
const GROWN = OPERATION_KINDS.map((kind): OperationKind => {
  if (kind !== stopServer) return kind;
  const politely = schemaOf<{ politely: boolean }>({ politely: Type.Boolean() });
  const [step] = stopServer.steps;
  return {
    ...stopServer,
    version: 2,
    input: asRequested(politely),
    steps: [
      {
        ...step!,
        name: 'end guest',
        output: politely,
        async do(context) {
          await step!.do(context);
          return inputOf(context.operation, politely);
        },
      },
      { ...step!, name: 'look at guest', do: async () => undefined },
    ],
    upgrades: {
      1: ({ step, outputs }) => ({
        step: step === null ? 'look at guest' : 'end guest',
        input: { politely: true },
        outputs: 'power off' in outputs ? { 'end guest': { politely: true } } : {},
        notUndone: [],
      }),
    },
  };
});
