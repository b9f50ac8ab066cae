import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { logLine } from '../../../test/lab/log-line.ts';
import { sampleHost } from '../../../test/laws/sample-host.ts';
import { openStore } from '../../store/open.ts';
import { watchIdentities } from './watch-identities.ts';

const ONE = '5a1e0000-0000-4000-8000-00000000000a';

it('hosts that say they are one machine, or cannot say who they are, are told of once, and again when it is another', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'np-identities-'));
  const store = await openStore({ connection: `sqlite:///${join(folder, 'store.sqlite')}` });
  t.after(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  const lines: string[] = [];
  const watch = watchIdentities({
    store,
    now: () => 1,
    log: (event, fields) => void lines.push(logLine(event, fields)),
  });
  const report = async (name: string, text: string, hardwareUuid = name) => {
    const machineId = { state: 'read', file: '/etc/machine-id', text } as const;
    await watch(await store.hosts.report(sampleHost(name, { machineId, hardwareUuid, serialOption: 'os' })));
    return lines.splice(0);
  };
  const [a, b] = ['ab'.repeat(16), 'bc'.repeat(16)];
  const machine = logLine('host-identity-shared', {
    why: `Hosts h1 and h2 have the same machine-id ${a}: guests that get it as their serial cannot be told apart by host.`,
  });
  assert.deepEqual(await report('h1', a), []);
  assert.deepEqual(await report('h2', a), [machine]);
  assert.deepEqual(await report('h2', a), []);
  assert.deepEqual(await report('h2', b), []);
  assert.deepEqual(await report('h2', a), [machine]);
  assert.deepEqual(await report('h2', b, ONE), []);
  assert.deepEqual(await report('h1', a, ONE), [
    logLine('host-identity-shared', {
      why: `Hosts h1 and h2 have the same host UUID ${ONE}: libvirt takes them for one, and refuses to migrate guests between them.`,
    }),
  ]);
  assert.deepEqual(await report('h3', ''), [
    logLine('host-serial-unusable', {
      host: 'h3',
      why: '[libvirt] sysinfo_serial = os: /etc/machine-id is empty; it must hold 32 hexadecimal digits, with or without the dashes of a UUID',
    }),
  ]);
});
