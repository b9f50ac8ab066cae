import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Cloud, startCloud } from '../../test/lab/cloud.ts';
import { createFaultyDriver, type FaultyDriver } from '../../test/lab/faulty-driver.ts';
import { MOVE_CASES } from '../../test/lab/move-cases.ts';
import { begin, OPERATION_CASES, type OperationCase, serverFor } from '../../test/lab/operation-cases.ts';
import { guestFile } from '../../test/lab/whole-server.ts';
import { Failure } from '../model/failure.ts';
import type { ServerId } from '../model/ids.ts';
import type { Server } from '../model/server.ts';

const noQemu = () => new Failure('internal', 'The guest did not start.', { operatorText: 'no QEMU' });
const NAMES = [
  ...['hard reboot', 'start', 'rebuild', 'resize', 'revert resize'],
  ...['cold migrate', 'resize to another host', 'revert cold migration', 'revert resize to another host'],
];
const CASES = [...OPERATION_CASES, ...MOVE_CASES].filter(({ name }) => NAMES.includes(name));

/** Runs the operation on a server whose new guest does not come up, while `alsoFails` never works. */
async function run(
  cloud: Cloud,
  faults: FaultyDriver,
  { of, alsoFails }: { of: OperationCase; alsoFails: string | undefined },
): Promise<{ before: Server; calls: readonly string[] }> {
  faults.disarm();
  const before = (await serverFor(cloud, of))!;
  let started = false;
  faults.arm(({ method }) => {
    if (method === 'start' && !started) {
      started = true;
      return { when: 'before', failure: noQemu() };
    }
    return started && method === alsoFails ? { when: 'before', failure: noQemu() } : undefined;
  });
  await begin(cloud, of, before);
  await cloud.idle();
  const calls = faults.callsOn(before.id);
  return { before, calls: calls.slice(calls.indexOf('start') + 1) };
}

const liveOf = async (cloud: Cloud, { id, host }: Pick<Server, 'id' | 'host'>) =>
  (await guestFile(cloud, id, host!))?.live ?? null;

async function powerOf(cloud: Cloud, id: ServerId): Promise<string> {
  const { host } = await cloud.server(id);
  const { power } = await cloud.hosts.get(host!)!.driver.observe(id);
  return power === 'absent' ? 'nostate' : power;
}

describe('a server whose new guest does not come up, while one step cannot be taken back', () => {
  it('is tried with every operation that boots a guest anew', () => {
    assert.deepEqual(CASES.map(({ name }) => name).toSorted(), NAMES.toSorted());
  });

  for (const of of CASES)
    it(`${of.name}: shows the state of the guest that is there`, async () => {
      const faults = createFaultyDriver();
      const cloud = await startCloud({ wrap: (driver) => faults.wrap(driver), ...of.cloud });
      try {
        const { calls } = await run(cloud, faults, { of, alsoFails: undefined });
        assert.ok(calls.length > 0, 'something is taken back');
        for (const alsoFails of [undefined, ...new Set(calls)]) {
          const label = `${alsoFails} never works`;
          const { before } = await run(cloud, faults, { of, alsoFails });
          const after = await cloud.server(before.id);
          assert.equal(after.powerState, await powerOf(cloud, before.id), label);
          assert.equal(after.taskState, null, label);
          const runs = (await liveOf(cloud, before)) !== null;
          const ran = before.powerState === 'running';
          if (alsoFails === undefined || (runs && alsoFails !== 'destroy'))
            assert.deepEqual(
              [after.vmState, after.host, after.fault],
              [before.vmState, before.host, null],
              label,
            );
          else if (ran) assert.equal(after.vmState, 'error', label);
          if (after.vmState === 'error') assert.equal(after.fault?.message, noQemu().message, label);
          else assert.equal(after.destHost, null, label);
        }
      } finally {
        await cloud.close();
      }
    });
});
