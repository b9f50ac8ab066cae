import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import type { HostName, ProjectId, ServerId, UserId } from '../../src/model/ids.ts';
import { sampleServer } from './sample-server.ts';
import type { TheStore } from './store.ts';

const someProject = () => randomUUID() as ProjectId;
const someHost = () => randomUUID() as HostName;

/** One server at a time: what is written is read, generations, numbers, sums. */
export function storeServerLaws(the: TheStore): void {
  it('gives back a server exactly as it was written', async () => {
    const { servers } = the().store;
    const full = sampleServer({
      description: 'a "quoted" <line>\n🦉',
      host: someHost(),
      taskState: null,
      vmState: 'error',
      powerState: 'crashed',
      tags: ['b', 'a'],
      metadata: { __proto__x: '1', '': 'empty' },
      keyName: 'k',
      keyPublic: 'ssh-ed25519 AAAA',
      keyType: 'ssh',
      userData: 'aGVsbG8=',
      configDrive: true,
      locked: 'admin',
      lockedReason: 'audit',
      fault: { code: 500, message: 'm', details: 'd', createdAt: 1 },
      progress: 40,
      launchedAt: 5,
      terminatedAt: 6,
    });
    for (const server of [full, sampleServer()]) {
      const made = await servers.insert(server);
      assert.deepEqual(made, { ...server, number: made.number });
      assert.deepEqual(await servers.find(server.id), made);
    }
  });

  it('finds no server that was never made', async () => {
    assert.equal(await the().store.servers.find(randomUUID() as ServerId), undefined);
  });

  it('refuses an id that is taken, and changes nothing by it', async () => {
    const { servers } = the().store;
    const made = await servers.insert(sampleServer({ projectId: someProject() }));
    await assert.rejects(servers.insert({ ...sampleServer(), id: made.id, name: 'other' }), {
      kind: 'conflict',
    });
    assert.deepEqual(await servers.find(made.id), made);
    assert.equal((await servers.usageOf(made.projectId)).instances, 1);
  });

  it('numbers servers upwards and never gives a number twice', async () => {
    const first = await the().store.servers.insert(sampleServer());
    await the().store.servers.update(first, { vmState: 'deleted', updatedAt: 2 });
    const second = await the().store.servers.insert(sampleServer());
    const third = await (await the().reopen()).servers.insert(sampleServer());
    assert.ok(first.number < second.number && second.number < third.number);
  });

  it('finds many in the order asked for, and leaves out what is not there', async () => {
    const { servers } = the().store;
    const one = await servers.insert(sampleServer());
    const two = await servers.insert(sampleServer());
    const found = await servers.findMany([two.id, randomUUID() as ServerId, one.id]);
    assert.deepEqual(found, [two, one]);
    assert.deepEqual(await servers.findMany([]), []);
  });

  it('adds one to the generation with a write, and changes the named fields only', async () => {
    const { servers } = the().store;
    const made = await servers.insert(sampleServer({ tags: ['x'] }));
    const written = await servers.update(made, { taskState: null, tags: ['y', 'x'], updatedAt: 9 });
    assert.deepEqual(written, { ...made, generation: 2, taskState: null, tags: ['y', 'x'], updatedAt: 9 });
    assert.deepEqual(await servers.find(made.id), written);
  });

  it('refuses a write that saw an old generation, and changes nothing by it', async () => {
    const { servers } = the().store;
    const made = await servers.insert(sampleServer());
    const written = await servers.update(made, { progress: 10, updatedAt: 9 });
    await assert.rejects(servers.update(made, { progress: 10, updatedAt: 9 }), { kind: 'conflict' });
    await assert.rejects(servers.update(made, { progress: 99, host: someHost() }), { kind: 'conflict' });
    assert.deepEqual(await servers.find(made.id), written);
  });

  it('refuses to write a server that is not there', async () => {
    const nobody = { ...sampleServer(), number: 1 };
    await assert.rejects(the().store.servers.update(nobody, { progress: 1 }), { kind: 'not-found' });
  });

  it('lets one of many writers win that saw the same generation', async () => {
    const { servers } = the().store;
    const made = await servers.insert(sampleServer());
    const tries = Array.from({ length: 20 }, (_, progress) => servers.update(made, { progress }));
    const ends = await Promise.allSettled(tries);
    const won = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    assert.equal(won.length, 1);
    assert.deepEqual(await servers.find(made.id), won[0]);
  });

  it('sums what a project and a host hold, through every change of a server', async () => {
    const { servers } = the().store;
    const [projectId, here, there] = [someProject(), someHost(), someHost()];
    const none = { instances: 0, cores: 0, ramMb: 0 };
    assert.deepEqual(await servers.usageOf(projectId), none);
    let server = await servers.insert(sampleServer({ projectId, userId: 'u' as UserId }));
    assert.deepEqual(await servers.usageOf(projectId), { instances: 1, cores: 2, ramMb: 512 });
    server = await servers.update(server, { host: here });
    // 10 GiB root, 5 GiB ephemeral, 1,500 MiB swap that take 2 GiB
    const usual = { instances: 1, cores: 2, ramMb: 512, diskGb: 17 };
    assert.deepEqual(await servers.usageOfHost(here), usual);
    const flavor = { ...server.flavor, vcpus: 8, ramMb: 1024, swapMb: 0 };
    server = await servers.update(server, { flavor, host: there });
    assert.deepEqual(await servers.usageOfHost(here), { ...none, diskGb: 0 });
    assert.deepEqual(await servers.usageOfHost(there), { instances: 1, cores: 8, ramMb: 1024, diskGb: 15 });
    server = await servers.update(server, { vmState: 'deleted', terminatedAt: 3 });
    assert.deepEqual(await servers.usageOf(projectId), none);
    assert.deepEqual(await servers.usageOfHost(there), { ...none, diskGb: 0 });
    await servers.update(server, { host: null });
    assert.deepEqual(await servers.usageOfHost(there), { ...none, diskGb: 0 });
  });

  it('gives the id of a deleted server again, once, and what it was imported with when it is deleted', async () => {
    const { servers, identityClaims } = the().store;
    const serial = randomUUID();
    const given = { serial, diskSerials: {} };
    const made = await servers.insert(sampleServer({ given, tags: ['t'] }));
    const claim = { kind: 'serial', value: serial, serverId: made.id } as const;
    await identityClaims.add([claim]);
    await assert.rejects(identityClaims.add([{ ...claim, serverId: randomUUID() as ServerId }]), {
      kind: 'conflict',
      message: new RegExp(made.id),
    });
    assert.deepEqual(await identityClaims.of('serial', [serial]), [claim]);
    assert.deepEqual(await identityClaims.withIdPrefix(made.id.slice(0, 18)), [made.id]);
    await assert.rejects(servers.revive(made.id), { kind: 'conflict' });
    const deleted = await servers.update(made, { vmState: 'deleted', updatedAt: 2 });
    assert.deepEqual(await identityClaims.of('serial', [serial]), []);
    assert.deepEqual(await identityClaims.withIdPrefix(made.id.slice(0, 18)), []);
    assert.equal(await servers.revive(made.id), deleted.generation);
    assert.equal(await servers.revive(made.id), undefined);
    const again = await servers.insert({ ...sampleServer(), id: made.id });
    assert.deepEqual((await servers.find(made.id))?.tags, again.tags);
  });
}
