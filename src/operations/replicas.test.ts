import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Cloud, type CloudOptions, startCloudFor } from '../../test/lab/cloud.ts';
import { HOST } from '../../test/lab/cloud-host.ts';
import { OTHER_HOST, resizeAway, TWO_HOSTS } from '../../test/lab/move-cases.ts';
import { activeServer } from '../../test/lab/operation-cases.ts';
import { NO_LIMITS, requester } from '../../test/lab/requests.ts';
import { guestFile, heldOf } from '../../test/lab/whole-server.ts';
import type { HypervisorDriver } from '../hypervisor/driver.ts';
import type { HostName } from '../model/ids.ts';
import { createEngine, type Engine } from './engine/engine.ts';
import { newReplica } from './engine/replica.ts';
import { deleteServer } from './kinds/delete-server.ts';
import { OPERATION_KINDS } from './kinds/operation-kinds.ts';
import { createOperations } from './requests/create-operations.ts';

const cloudFor = (t: TestContext, options: CloudOptions = {}) =>
  startCloudFor(t, { ...TWO_HOSTS, shared: true, ...options });

/**
 * Another replica on the same store. @param aheadMs how much later it is there: leases run out without
 * waiting
 */
function replicaOf(cloud: Cloud, t: TestContext, aheadMs = 0): { engine: Engine; ends: () => Promise<void> } {
  const ended = Promise.withResolvers<void>();
  const engine = createEngine({
    ...cloud.engineParts,
    kinds: OPERATION_KINDS,
    replica: newReplica({ shared: true }),
    now: () => Date.now() + aheadMs,
    onBoundary: ({ boundary }) => {
      if (boundary === 'end') ended.resolve();
    },
  });
  t.after(() => engine.close());
  return { engine, ends: () => ended.promise };
}

/**
 * Counts what a host's driver is asked to do, and holds its first boot after it was armed until it is let go
 * on.
 */
function watching(host: HostName) {
  const reached = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const calls: string[] = [];
  const armed = { yes: false };
  const wrap = (driver: HypervisorDriver, name: HostName): HypervisorDriver =>
    name !== host
      ? driver
      : {
          ...driver,
          moves: {
            ...driver.moves,
            async importDisks(...given) {
              calls.push('importDisks');
              return driver.moves.importDisks(...given);
            },
          },
          async start(id) {
            if (armed.yes) {
              armed.yes = false;
              reached.resolve();
              await goOn.promise;
            }
            calls.push('start');
            return driver.start(id);
          },
        };
  const arm = () => {
    armed.yes = true;
  };
  return { wrap, arm, calls, reached: reached.promise, goOn: goOn.resolve };
}

describe('a replica among others', () => {
  it('that dies in mid resize: another goes on from the boundary, and what was done is not done again', async (t) => {
    const watched = watching(OTHER_HOST);
    let dies = true;
    const cloud = await cloudFor(t, {
      wrap: watched.wrap,
      onBoundary({ kind, boundary }) {
        if (kind === 'resize-server' && boundary === 'step done: carry disks' && dies) {
          dies = false;
          throw new Error('the process ends here');
        }
      },
    });
    const server = await activeServer(cloud);
    await resizeAway(cloud, server);
    await cloud.idle();
    assert.equal((await cloud.store.operations.unfinished()).length, 1);

    const heir = replicaOf(cloud, t, 10_000);
    await heir.engine.recover();
    await heir.ends();
    const { vmState, host, taskState } = await cloud.server(server.id);
    assert.deepEqual({ vmState, host, taskState }, { vmState: 'resized', host: OTHER_HOST, taskState: null });
    assert.deepEqual(watched.calls, ['importDisks', 'start']);
    assert.equal((await guestFile(cloud, server.id, OTHER_HOST))?.live?.serial, server.id);
    assert.equal((await guestFile(cloud, server.id))?.power, 'shutdown');
    assert.deepEqual(await cloud.store.operations.unfinished(), []);
  });

  it('takes nothing from one that lives', async (t) => {
    const watched = watching(OTHER_HOST);
    const cloud = await cloudFor(t, { wrap: watched.wrap });
    const server = await activeServer(cloud);
    watched.arm();
    await resizeAway(cloud, server);
    await watched.reached;
    const [before] = await cloud.store.operations.unfinished();
    const other = replicaOf(cloud, t);
    await other.engine.recover();
    const [after] = await cloud.store.operations.unfinished();
    assert.equal(after?.owner, before?.owner);
    watched.goOn();
    await cloud.idle();
    assert.equal((await cloud.server(server.id)).vmState, 'resized');
  });

  it('that was only slow has lost the operation: it cannot move the log, and the guest runs once', async (t) => {
    const watched = watching(OTHER_HOST);
    const cloud = await cloudFor(t, { wrap: watched.wrap });
    const server = await activeServer(cloud);
    watched.arm();
    await resizeAway(cloud, server);
    await watched.reached;

    const heir = replicaOf(cloud, t, 10_000);
    await heir.engine.recover(); // its boot waits for the turn of the guest, behind the one that is held
    watched.goOn();
    await heir.ends();
    await cloud.idle();
    const { vmState, host } = await cloud.server(server.id);
    assert.deepEqual({ vmState, host }, { vmState: 'resized', host: OTHER_HOST });
    const logged = cloud.logged.join('\n');
    assert.match(logged, /^info operation-taken-over .*belongs to/m);
    assert.doesNotMatch(logged, /operation-(stopped|suspended)/);
    const running = (await heldOf(cloud, server.id)).filter(({ live }) => live !== null);
    assert.equal(running.length, 1);
    const ledger = (await cloud.store.serials.of(server.id)).filter(
      ({ operation }) => operation === 'resize-server',
    );
    assert.equal(ledger.length, 1, 'its end is written once');
    assert.deepEqual(await cloud.store.operations.unfinished(), []);
  });

  it('is asked for a deletion while another one moves the server: the move unwinds, and the server goes', async (t) => {
    const watched = watching(OTHER_HOST);
    const cloud = await cloudFor(t, { wrap: watched.wrap });
    const server = await activeServer(cloud);
    watched.arm();
    await resizeAway(cloud, server);
    await watched.reached;
    const other = replicaOf(cloud, t);
    const operations = createOperations({
      ...cloud.engineParts,
      engine: other.engine,
      limitsOf: async () => NO_LIMITS,
    });
    await operations.start(deleteServer, server, {}, requester());
    watched.goOn();
    await other.ends();
    await cloud.idle();
    const deleted = await cloud.server(server.id);
    assert.equal(deleted.vmState, 'deleted');
    assert.deepEqual(await heldOf(cloud, server.id), []);
    for (const host of [HOST, OTHER_HOST])
      assert.equal((await cloud.store.servers.usageOfHost(host)).instances, 0);
    assert.deepEqual(await cloud.store.operations.unfinished(), []);
  });
});
