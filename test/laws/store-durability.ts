import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { HostName, ServerId } from '../../src/model/ids.ts';
import { sampleServer } from './sample-server.ts';
import type { TheStore } from './store.ts';

const WRITER = fileURLToPath(new URL('store-writer.ts', import.meta.url));
const LINES_BEFORE_KILL = 60;

/** What was acknowledged is there, whatever happens to the process. */
export function storeDurabilityLaws(the: TheStore): void {
  it('keeps everything over a close', async () => {
    const made = await the().store.servers.insert(sampleServer({ tags: ['t'], host: 'h' as HostName }));
    const usage = await the().store.servers.usageOf(made.projectId);
    const again = await the().reopen();
    assert.deepEqual(await again.servers.find(made.id), made);
    assert.deepEqual(await again.servers.usageOf(made.projectId), usage);
    assert.deepEqual(await again.servers.listVersions({ tags: ['t'] }, { limit: 5 }), [
      { id: made.id, generation: 1 },
    ]);
  });

  it('lands what was asked for before a close, and refuses what comes after', async () => {
    const server = sampleServer();
    const closing = the().store;
    const [landed] = await Promise.all([closing.servers.insert(server), the().reopen()]);
    await assert.rejects(closing.servers.insert(sampleServer()), { kind: 'unavailable' });
    await assert.rejects(closing.servers.find(server.id), { kind: 'unavailable' });
    assert.deepEqual(await the().store.servers.find(server.id), landed);
  });

  it('keeps, whole, every write that was acknowledged before SIGKILL', async () => {
    const child = spawn(process.execPath, [WRITER, the().connection], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      text += chunk;
      if (text.split('\n').length > LINES_BEFORE_KILL) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    assert.equal(child.signalCode, 'SIGKILL');
    const acknowledged = text.split('\n').slice(0, -1) as ServerId[];
    const { servers } = await the().reopen();
    const found = await servers.findMany(acknowledged);
    assert.equal(found.length, acknowledged.length);
    assert.ok(found.every((server) => server.generation === 2 && server.vmState === 'active'));
    const whole = await servers.list({ tags: ['one', 'two'] }, { limit: 100_000 });
    const usage = await servers.usageOf(sampleServer().projectId);
    const all = await servers.listVersions({ projectId: sampleServer().projectId }, { limit: 100_000 });
    assert.ok(whole.length >= acknowledged.length);
    assert.ok(whole.every((server) => server.generation === 2));
    assert.equal(usage.instances, all.length);
  });
}
