import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Cloud, startCloud } from '../../test/lab/cloud.ts';
import { MACHINE_ID } from '../../test/lab/cloud-host.ts';
import { begin, OPERATION_CASES, serverFor } from '../../test/lab/operation-cases.ts';
import { guestFile } from '../../test/lab/whole-server.ts';
import { OPERATION_KINDS } from './kinds/operation-kinds.ts';

/**
 * Where each operation leads. `decided`: the serial it decided anew, or '-' where it is kept; `runs on`: the serial of the guest as it
 * runs (or whose memory is saved); `sets`: how many disk sets there are; `boots`: of the set that the server is on.
 */
const WAYS: readonly (readonly [string, vm: string, power: string, decided: Decided, runsOn: RunsOn, sets: number, boots: number])[] = [
  ['create', 'active', 'running', 'host', 'host', 1, 1],
  ['stop', 'stopped', 'shutdown', '-', '-', 1, 1],
  ['start', 'active', 'running', 'host', 'host', 1, 2],
  ['soft reboot', 'active', 'running', '-', 'host', 1, 2],
  ['hard reboot', 'active', 'running', 'host', 'host', 1, 2],
  ['hard reboot of a stopped server', 'active', 'running', 'host', 'host', 1, 2],
  ['hard reboot of a paused server', 'active', 'running', 'host', 'host', 1, 2],
  ['hard reboot of a suspended server', 'active', 'running', 'host', 'host', 1, 2],
  ['pause', 'paused', 'paused', '-', 'host', 1, 1],
  ['unpause', 'active', 'running', '-', 'host', 1, 1],
  ['suspend', 'suspended', 'shutdown', '-', 'host', 1, 1],
  ['resume', 'active', 'running', '-', 'host', 1, 1],
  ['rebuild', 'active', 'running', 'own', 'own', 1, 1],
  ['rebuild of a stopped server', 'stopped', 'shutdown', 'own', '-', 1, 0],
  ['resize', 'resized', 'running', 'own', 'own', 2, 2],
  ['resize of a stopped server', 'resized', 'shutdown', 'own', '-', 2, 1],
  ['confirm resize', 'active', 'running', '-', 'own', 1, 2],
  ['confirm resize of a stopped server', 'stopped', 'shutdown', '-', '-', 1, 1],
  ['revert resize', 'active', 'running', 'host', 'host', 1, 2],
  ['revert resize of a stopped server', 'stopped', 'shutdown', 'host', '-', 1, 1],
  ['delete', 'deleted', 'nostate', '-', '-', 0, 0],
  ['delete while resized', 'deleted', 'nostate', '-', '-', 0, 0],
]; // biome-ignore format: a table
/** Between hosts: `moves.test.ts`. */
const MOVES = ['migrate-server', 'live-migrate-server', 'evacuate-server'];
type Decided = 'host' | 'own' | '-';
type RunsOn = Decided;

describe('the way of each operation', () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud.close());

  it('is in the table, for every kind', () => {
    assert.deepEqual(WAYS.map(([name]) => name).sort(), OPERATION_CASES.map(({ name }) => name).sort());
    assert.deepEqual(
      new Set(OPERATION_CASES.map(({ kind }) => kind)),
      new Set(OPERATION_KINDS.map(({ kind }) => kind).filter((kind) => !MOVES.includes(kind))),
    );
  });

  for (const [name, vmState, powerState, decided, runsOn, sets, boots] of WAYS)
    it(`${name}: ${vmState}, serial ${decided === '-' ? 'kept' : `decided anew: ${decided}`}`, async () => {
      const of = OPERATION_CASES.find((each) => each.name === name)!;
      const started = await serverFor(cloud, of);
      const before = started === undefined ? [] : await cloud.store.serials.of(started.id);
      const { id } = await begin(cloud, of, started);
      await cloud.idle();

      const server = await cloud.server(id);
      assert.deepEqual(
        {
          vmState: server.vmState,
          powerState: server.powerState,
          taskState: server.taskState,
          fault: server.fault,
        },
        { vmState, powerState, taskState: null, fault: null },
      );
      const serials = { host: MACHINE_ID, own: id, '-': undefined };
      const added = (await cloud.store.serials.of(id)).slice(before.length);
      assert.deepEqual(
        added.map(({ serial, operation }) => ({ serial, operation })),
        decided === '-' ? [] : [{ serial: serials[decided], operation: of.kind }],
      );
      const guest = await guestFile(cloud, id);
      assert.equal(guest?.live?.serial, serials[runsOn]);
      assert.deepEqual(guest?.kept ?? {}, {}, 'no definition is kept for going back');
      assert.equal(Object.keys(guest?.disks ?? {}).length, sets);
      assert.equal(guest?.disks[server.diskSet]?.boots ?? 0, boots);
      assert.equal((await cloud.driver.observe(id)).power, vmState === 'deleted' ? 'absent' : powerState);

      const [action] = await cloud.store.actions.list(id, { limit: 1 });
      const kind = OPERATION_KINDS.find((each) => each.kind === of.kind)!;
      assert.equal(action?.action, kind.action);
      assert.deepEqual(
        action?.events.map(({ event, result }) => ({ event, result })),
        [{ event: kind.event, result: 'Success' }],
      );
      assert.deepEqual(await cloud.store.operations.unfinished(), []);
    });
});
