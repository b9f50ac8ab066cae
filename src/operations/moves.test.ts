import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Cloud, startCloudFor } from '../../test/lab/cloud.ts';
import { HOST, MACHINE_ID } from '../../test/lab/cloud-host.ts';
import { MOVE_CASES, OTHER_HOST, OTHER_MACHINE_ID } from '../../test/lab/move-cases.ts';
import { begin, type OperationCase, serverFor } from '../../test/lab/operation-cases.ts';
import { guestFile } from '../../test/lab/whole-server.ts';
import type { MigrationStatus, MigrationType } from '../model/migration.ts';

const HOSTS = { from: HOST, to: OTHER_HOST };
type Place = keyof typeof HOSTS;
type Serial = 'from' | 'to' | 'own' | '-';

/**
 * Where each move leads. `decided`: whose serial it decided anew, or '-' where it is kept; `runs on`: the
 * serial of the guest as it runs; `left`: what the other host still holds; `boots`: of the disks that the
 * server is on; `row`: the migration's type and status.
 */
const WAYS: readonly (readonly [string, vm: string, on: Place, decided: Serial, runsOn: Serial, left: 'disks' | '-', boots: number, row: [MigrationType, MigrationStatus]])[] = [
  ['cold migrate', 'resized', 'to', 'to', 'to', 'disks', 2, ['migration', 'finished']],
  ['cold migrate of a stopped server', 'resized', 'to', 'to', '-', 'disks', 1, ['migration', 'finished']],
  ['resize to another host', 'resized', 'to', 'own', 'own', 'disks', 2, ['resize', 'finished']],
  ['resize of a stopped server to another host', 'resized', 'to', 'own', '-', 'disks', 1, ['resize', 'finished']],
  ['confirm cold migration', 'active', 'to', '-', 'to', '-', 2, ['migration', 'confirmed']],
  ['confirm cold migration of a stopped server', 'stopped', 'to', '-', '-', '-', 1, ['migration', 'confirmed']],
  ['confirm resize to another host', 'active', 'to', '-', 'own', '-', 2, ['resize', 'confirmed']],
  ['revert cold migration', 'active', 'from', 'from', 'from', '-', 2, ['migration', 'reverted']],
  ['revert cold migration of a stopped server', 'stopped', 'from', 'from', '-', '-', 1, ['migration', 'reverted']],
  ['revert resize to another host', 'active', 'from', 'from', 'from', '-', 2, ['resize', 'reverted']],
  ['live migrate', 'active', 'to', '-', 'from', '-', 1, ['live-migration', 'completed']],
  ['live migrate of a paused server', 'paused', 'to', '-', 'from', '-', 1, ['live-migration', 'completed']],
  ['live migrate, shared disks', 'active', 'to', '-', 'from', '-', 1, ['live-migration', 'completed']],
  ['evacuate', 'active', 'to', 'to', 'to', '-', 1, ['evacuation', 'done']],
  ['evacuate of a stopped server', 'stopped', 'to', 'to', '-', '-', 0, ['evacuation', 'done']],
]; // biome-ignore format: a table

describe('the way of each move', () => {
  it('is in the table', () => {
    const named = MOVE_CASES.filter(({ kind }) => kind !== 'delete-server').map(({ name }) => name);
    assert.deepEqual(WAYS.map(([name]) => name).sort(), named.sort());
  });

  for (const [name, vmState, on, decided, runsOn, left, boots, [type, status]] of WAYS)
    it(`${name}: ${vmState}, serial ${decided === '-' ? 'kept' : `decided anew: ${decided}`}`, async (t) => {
      const of = MOVE_CASES.find((each) => each.name === name) as OperationCase;
      const cloud = await startCloudFor(t, of.cloud!);
      const started = (await serverFor(cloud, of))!;
      const before = await cloud.store.serials.of(started.id);
      const { id } = await begin(cloud, of, started);
      await cloud.idle();

      const server = await cloud.server(id);
      const resting = {
        vmState: server.vmState,
        taskState: server.taskState,
        fault: server.fault,
        host: server.host,
      };
      assert.deepEqual(resting, { vmState, taskState: null, fault: null, host: HOSTS[on] });
      assert.deepEqual([server.destHost, server.destFlavor], [null, null], 'no place is kept');

      const serials = { from: MACHINE_ID, to: OTHER_MACHINE_ID, own: id, '-': undefined };
      const added = (await cloud.store.serials.of(id)).slice(before.length);
      const isLive = of.kind === 'live-migrate-server';
      const pending = isLive ? [{ serial: OTHER_MACHINE_ID, operation: of.kind, effect: 'pending' }] : [];
      const booted =
        decided === '-' ? [] : [{ serial: serials[decided], operation: of.kind, effect: 'booted' }];
      assert.deepEqual(
        added.map(({ serial, operation, effect }) => ({ serial, operation, effect })),
        [...booted, ...pending],
      );

      const guest = await guestFile(cloud, id, HOSTS[on]);
      assert.equal(guest?.live?.serial, serials[runsOn]);
      assert.equal(guest?.power, server.powerState);
      assert.deepEqual(guest?.kept, {}, 'no definition is kept for going back');
      assert.deepEqual(Object.keys(guest?.disks ?? {}), [server.diskSet]);
      assert.equal(guest?.disks[server.diskSet]?.boots, boots);
      const other = await guestFile(cloud, id, on === 'to' ? HOST : OTHER_HOST);
      assert.equal(other?.live ?? null, null, 'nothing runs there');
      if (left === 'disks') assert.deepEqual(Object.keys(other?.disks ?? {}), [server.oldDiskSet]);
      else assert.deepEqual(other?.disks ?? {}, {});
      if (left === '-') assert.equal(other?.definition ?? null, null);

      const [row] = await cloud.store.migrations.list({ serverId: id }, { limit: 1 });
      const shown = { type: row?.type, status: row?.status, from: row?.sourceHost, to: row?.destHost };
      assert.deepEqual(shown, { type, status, from: HOST, to: OTHER_HOST });
      await assertCapacity(cloud, server);
      assert.deepEqual(await cloud.store.operations.unfinished(), []);
    });
});

/**
 * What is taken up on each host is what the server needs there, and until a resize is confirmed, what it came
 * from.
 */
async function assertCapacity(cloud: Cloud, server: Awaited<ReturnType<Cloud['server']>>): Promise<void> {
  for (const host of cloud.hosts.keys()) {
    const held = [];
    if (server.host === host) held.push(server.flavor);
    if (server.oldHost === host) held.push(server.oldFlavor!);
    const { ramMb, cores } = await cloud.store.servers.usageOfHost(host);
    const wanted = { ramMb: sum(held, 'ramMb'), cores: sum(held, 'vcpus') };
    assert.deepEqual({ ramMb, cores }, wanted, `what ${host} gives`);
  }
}

function sum<K extends string>(of: readonly Readonly<Record<K, number>>[], key: K): number {
  return of.reduce((total, each) => total + each[key], 0);
}
