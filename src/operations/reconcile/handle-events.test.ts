import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { startCloud } from '../../../test/lab/cloud.ts';
import { createOne } from '../../../test/lab/operation-cases.ts';
import { createInProcessBus } from '../../bus/in-process.ts';
import type { GuestObservation } from '../../model/guest.ts';
import type { HostName, ServerId } from '../../model/ids.ts';
import type { Server } from '../../model/server.ts';
import { powerChange } from '../engine/follow-guest.ts';
import { createEventHandler } from './handle-events.ts';

const ID = '5e51a1b2-0000-4000-8000-000000000001' as ServerId;

/**
 * What a guest's power makes of a server: `vm state/power state`, or '-' where it stays.
 * nova/compute/manager.py _sync_instance_power_state.
 */
const ROWS: readonly (readonly [vm: string, power: string, guest: string, becomes: string])[] = [
  ['active', 'running', 'running', '-'],
  ['active', 'running', 'shutdown', 'stopped/shutdown'],
  ['active', 'running', 'crashed', 'stopped/crashed'],
  ['active', 'running', 'absent', 'stopped/nostate'],
  ['active', 'running', 'paused', 'active/paused'],
  ['paused', 'paused', 'shutdown', 'stopped/shutdown'],
  ['paused', 'paused', 'running', 'paused/running'],
  ['stopped', 'shutdown', 'running', 'stopped/running'],
  ['stopped', 'shutdown', 'shutdown', '-'],
  ['stopped', 'nostate', 'absent', '-'],
  ['suspended', 'shutdown', 'shutdown', '-'],
  ['resized', 'running', 'shutdown', 'resized/shutdown'],
  ['building', 'nostate', 'running', '-'],
  ['error', 'nostate', 'running', 'error/running'],
  ['error', 'running', 'shutdown', 'error/shutdown'],
  ['error', 'nostate', 'absent', '-'],
  ['deleted', 'nostate', 'running', '-'],
];

function server(vmState: string, powerState: string, taskState: string | null = null): Server {
  return { vmState, powerState, taskState } as Server;
}

describe('what the power of a guest says of its server', () => {
  for (const [vm, power, guest, becomes] of ROWS)
    it(`${vm}, guest ${guest}: ${becomes === '-' ? 'nothing' : becomes}`, () => {
      const seen = { serverId: ID, power: guest } as GuestObservation;
      const change = powerChange(server(vm, power), seen);
      const after = { vmState: vm, powerState: power, ...change };
      assert.equal(change === undefined ? '-' : `${after.vmState}/${after.powerState}`, becomes);
      assert.equal(
        powerChange(server(vm, power, 'rebooting'), seen),
        undefined,
        'nothing while it is worked on',
      );
    });
});

describe('events of guests', () => {
  it('make a server follow a guest that somebody else ended', { timeout: 10_000 }, async (t) => {
    const cloud = await startCloud();
    t.after(() => cloud.close());
    const { id } = await createOne(cloud);
    await cloud.idle();
    await cloud.driver.destroy(id);
    while ((await cloud.server(id)).vmState !== 'stopped') await turn();
    assert.equal((await cloud.server(id)).powerState, 'shutdown');
  });

  it('that came while nobody subscribed are made up for at the next start', {
    timeout: 10_000,
  }, async (t) => {
    const first = await startCloud();
    const { id } = await createOne(first);
    await first.idle();
    await first.stop();
    const { driver: outside } = first;
    await outside.destroy(id);
    const second = await startCloud({ folder: first.folder });
    t.after(() => second.close());
    while ((await second.server(id)).vmState !== 'stopped') await turn();
  });

  it('are not believed as they are: the guest is looked at again', async (t) => {
    const cloud = await startCloud();
    t.after(() => cloud.close());
    const { id, projectId: adminProject } = await createOne(cloud);
    await cloud.idle();
    const bus = createInProcessBus();
    let looked = 0;
    await bus.serve('kant' as HostName, async () => {
      looked++;
      return { serverId: id, power: 'running' };
    });
    const take = createEventHandler({ store: cloud.store, bus, now: Date.now, log: () => {}, adminProject });
    const before = await cloud.server(id);
    const guest = { serverId: id, power: 'shutdown' } as const;
    await take({ type: 'guest', host: 'kant' as HostName, guest });
    assert.equal(looked, 1);
    await take({ type: 'guest', host: 'hegel' as HostName, guest });
    await take({ type: 'guest', host: 'kant' as HostName, guest: { ...guest, serverId: ID } });
    assert.equal(
      looked,
      1,
      'an event from a host that the server is not on, or of a guest of no server, changes nothing',
    );
    assert.deepEqual(await cloud.server(id), before);
  });
});
