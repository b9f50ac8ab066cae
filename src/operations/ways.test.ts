import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Cloud, startCloud } from '../../test/lab/cloud.ts';
import { MACHINE_ID } from '../../test/lab/cloud-host.ts';
import { begin, OPERATION_CASES, serverFor } from '../../test/lab/operation-cases.ts';
import { guestFile } from '../../test/lab/whole-server.ts';
import { OPERATION_KINDS } from './kinds/operation-kinds.ts';

/** Between hosts: `moves.test.ts`. */
const MOVES = ['migrate-server', 'live-migrate-server', 'evacuate-server'];

describe('the way of each operation', () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud.close());

  it('is in the cases, for every kind', () => {
    assert.deepEqual(
      new Set(OPERATION_CASES.map(({ kind }) => kind)),
      new Set(OPERATION_KINDS.map(({ kind }) => kind).filter((kind) => !MOVES.includes(kind))),
    );
  });

  for (const of of OPERATION_CASES) {
    const { name, way } = of;
    const [vmState, powerState, decided, runsOn, sets, boots] = way;
    it(`${name}: ${vmState}, serial ${decided === '-' ? 'kept' : `decided anew: ${decided}`}`, async () => {
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
  }
});
