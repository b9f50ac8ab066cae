import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { type Cloud, startCloudFor } from '../../../test/lab/cloud.ts';
import { HOST } from '../../../test/lab/cloud-host.ts';
import { migrate, OTHER_HOST, TWO_HOSTS } from '../../../test/lab/move-cases.ts';
import { activeServer, confirm, remove } from '../../../test/lab/operation-cases.ts';
import { samplePort } from '../../../test/lab/sample-port.ts';
import { guestFile, heldOf } from '../../../test/lab/whole-server.ts';
import { planOf } from '../../model/guest.ts';
import type { HostName, ServerId } from '../../model/ids.ts';
import type { Server } from '../../model/server.ts';
import { purge } from '../../store/purge.ts';
import { createEventHandler } from './handle-events.ts';
import { leftOf } from './stale-guests.ts';

const HOSTS = ['here', 'there', 'elsewhere'] as HostName[];
const SETS = ['first', 'second', 'third'];

/** Servers in any state, also in such as none should be in. */
const anyServer = fc.record({
  vmState: fc.constantFrom('active', 'stopped', 'resized', 'error', 'building', 'deleted'),
  taskState: fc.constantFrom(null, 'migrating', 'resize_prep', 'deleting'),
  host: fc.constantFrom(null, ...HOSTS),
  oldHost: fc.constantFrom(null, ...HOSTS),
  destHost: fc.constantFrom(null, ...HOSTS),
  diskSet: fc.constantFrom(...SETS),
  oldDiskSet: fc.constantFrom(null, ...SETS),
});

describe('what a host holds of a server that has no use for it', () => {
  it('is never of one that is worked on, is there, came from there, or may be there; and never a set that it has', () => {
    fc.assert(
      fc.property(anyServer, fc.subarray(SETS), (server, sets) => {
        const held = { serverId: '' as ServerId, sets };
        const left = leftOf(server as unknown as Server, 'here' as HostName, held);
        if (server.taskState !== null) return assert.deepEqual(left, []);
        if (server.vmState === 'deleted') return assert.equal(left, 'all');
        if (server.destHost !== null) return assert.deepEqual(left, []);
        if (server.host !== 'here' && server.oldHost !== 'here') return assert.equal(left, 'all');
        assert.notEqual(left, 'all');
        for (const set of left) assert.ok(set !== server.diskSet && set !== server.oldDiskSet);
      }),
    );
  });
});

/** A set of disks of a server on a host, of which nobody was told. */
async function leave(cloud: Cloud, host: HostName, server: Server, diskSet: string): Promise<void> {
  const plan = { ...planOf(server), diskSet };
  const { driver } = cloud.hosts.get(host)!;
  await driver.createDisks({ plan, from: 'image', images: null }, new AbortController().signal);
}

const setsOn = async (cloud: Cloud, host: HostName, { id }: Server) =>
  Object.keys((await guestFile(cloud, id, host))?.disks ?? {});

describe('disks whose guest is gone', () => {
  it('of a deleted server are taken away when the agent of their host starts', {
    timeout: 20_000,
  }, async (t) => {
    const cloud = await startCloudFor(t, TWO_HOSTS);
    const server = await activeServer(cloud);
    await remove(cloud, server);
    await cloud.idle();
    await leave(cloud, HOST, server, server.diskSet);
    await cloud.hosts.get(HOST)!.silence();
    await cloud.hosts.get(HOST)!.speak();
    while ((await heldOf(cloud, server.id)).length > 0) await turn();
  });

  it('of a server that was purged are taken away; those of a server of which nothing is known stay', async (t) => {
    const cloud = await startCloudFor(t, TWO_HOSTS);
    const server = await activeServer(cloud);
    await remove(cloud, server);
    await cloud.idle();
    await purge(cloud.store, { before: Date.now() + 1_000 });
    assert.equal(await cloud.store.servers.find(server.id), undefined);
    const stranger = { ...server, id: randomUUID() as ServerId };
    for (const left of [server, stranger]) await leave(cloud, OTHER_HOST, left, left.diskSet);
    await cloud.tellOfHeld();
    assert.deepEqual(await setsOn(cloud, OTHER_HOST, server), []);
    assert.deepEqual(await setsOn(cloud, OTHER_HOST, stranger), [stranger.diskSet]);
  });

  it('on a host that the server has left are taken away; its own stay', async (t) => {
    const cloud = await startCloudFor(t, TWO_HOSTS);
    const server = await activeServer(cloud);
    await leave(cloud, OTHER_HOST, server, 'earlier');
    await cloud.tellOfHeld();
    assert.deepEqual(await setsOn(cloud, OTHER_HOST, server), []);
    assert.deepEqual(await setsOn(cloud, HOST, server), [server.diskSet]);
    assert.equal((await cloud.driver.observe(server.id)).power, 'running');
  });

  it('stay on both hosts while a move waits to be confirmed; sets that neither way needs go', async (t) => {
    const cloud = await startCloudFor(t, TWO_HOSTS);
    const server = await activeServer(cloud);
    await migrate(cloud, server);
    await cloud.idle();
    const moved = await cloud.server(server.id);
    for (const host of [HOST, OTHER_HOST]) await leave(cloud, host, moved, 'useless');
    await cloud.tellOfHeld();
    assert.deepEqual(await setsOn(cloud, HOST, moved), [moved.oldDiskSet]);
    assert.deepEqual(await setsOn(cloud, OTHER_HOST, moved), [moved.diskSet]);
    await confirm(cloud, moved);
    await cloud.idle();
    await leave(cloud, HOST, moved, moved.diskSet);
    await cloud.tellOfHeld();
    assert.deepEqual(await setsOn(cloud, HOST, moved), []);
    assert.deepEqual(await setsOn(cloud, OTHER_HOST, moved), [moved.diskSet]);
  });

  it('stay while something is done to their server', async (t) => {
    const cloud = await startCloudFor(t, TWO_HOSTS);
    const server = await activeServer(cloud);
    await leave(cloud, OTHER_HOST, server, 'coming');
    await cloud.store.servers.update(server, { taskState: 'migrating', updatedAt: Date.now() });
    await cloud.tellOfHeld();
    assert.deepEqual(await setsOn(cloud, OTHER_HOST, server), ['coming']);
  });

  it('stay where the host of the server shares them, and where that cannot be found out', async (t) => {
    const cloud = await startCloudFor(t, { ...TWO_HOSTS, sharesDisks: true });
    const server = await activeServer(cloud);
    await leave(cloud, OTHER_HOST, server, server.diskSet);
    await cloud.tellOfHeld();
    assert.deepEqual(await setsOn(cloud, OTHER_HOST, server), [server.diskSet], 'shared');
    const apart = await startCloudFor(t, TWO_HOSTS);
    const other = await activeServer(apart);
    await leave(apart, OTHER_HOST, other, other.diskSet);
    await apart.hosts.get(HOST)!.silence();
    await apart.tellOfHeld();
    assert.deepEqual(await setsOn(apart, OTHER_HOST, other), [other.diskSet], 'its host does not answer');
  });

  it('stay after the database was restored, with a guest that the server has moved to since, until that is confirmed', async (t) => {
    const cloud = await startCloudFor(t, TWO_HOSTS);
    const server = await activeServer(cloud);
    await leave(cloud, OTHER_HOST, server, 'newer');
    await cloud.store.restored.set('2026-01-31T18:00:00Z');
    await cloud.tellOfHeld();
    const { bus, now } = cloud.engineParts;
    const take = createEventHandler({
      store: cloud.store,
      bus,
      now,
      log: () => {},
      adminProject: server.projectId,
    });
    await take({ type: 'guest', host: OTHER_HOST, guest: { serverId: server.id, power: 'running' } });
    assert.deepEqual(await setsOn(cloud, OTHER_HOST, server), ['newer']);
    assert.match(cloud.logged.join('\n'), /stale-removal-withheld .*confirm-restore/);
    assert.equal(await cloud.store.restored.confirm(), true);
    assert.equal(await cloud.store.restored.confirm(), false);
    await cloud.tellOfHeld();
    assert.deepEqual(await setsOn(cloud, OTHER_HOST, server), []);
  });

  it('of a server that is not known stay: another cloud may keep them there', async (t) => {
    const cloud = await startCloudFor(t, TWO_HOSTS);
    const server = await activeServer(cloud);
    const stranger = { ...server, id: 'a0000000-0000-4000-8000-000000000001' as ServerId };
    await leave(cloud, HOST, stranger, 'first');
    await cloud.tellOfHeld();
    assert.deepEqual(await setsOn(cloud, HOST, stranger), ['first']);
  });
});

describe('ports whose guest never came', () => {
  it('are given back when the agent of their host starts; those of a server that is there stay', {
    timeout: 20_000,
  }, async (t) => {
    const cloud = await startCloudFor(t, TWO_HOSTS);
    const server = await activeServer(cloud);
    const [own, other] = [HOST, OTHER_HOST].map((name) => cloud.hosts.get(name)!);
    await other!.networks.plug(server.id, samplePort());
    const before = await own!.networks.ports();
    assert.equal(before.length, 1);
    for (const host of [own, other]) {
      await host!.silence();
      await host!.speak();
    }
    while ((await other!.networks.ports()).length > 0) await turn();
    await cloud.tellOfHeld();
    assert.deepEqual(await own!.networks.ports(), before);
  });
});
