import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { samplePort } from '../../../test/lab/sample-port.ts';
import type { ServerId } from '../../model/ids.ts';
import type { PortId } from '../../model/network/network-ids.ts';
import { PluggedPorts } from './plugged-ports.ts';

const [first, second] = ['port-1', 'port-2'].map((id) => ({ ...samplePort(), id: id as PortId })) as [
  ReturnType<typeof samplePort>,
  ReturnType<typeof samplePort>,
];
const [server, another] = ['server-1', 'server-2'] as ServerId[] as [ServerId, ServerId];

async function newFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'np-plugged-ports-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('a port is that of its last server, also when the file is opened again', async (t) => {
  const folder = await newFolder(t);
  const ports = await PluggedPorts.open(folder);
  ports.set(server, first);
  ports.set(server, second);
  ports.set(another, first);
  ports.remove(second.id);
  const held = [{ id: first.id, server: another, operation: null }];
  assert.deepEqual(ports.all(), held);
  assert.deepEqual((await PluggedPorts.open(folder)).all(), held);
});

test('half a line that a killed process left neither counts nor spoils the next one', async (t) => {
  const folder = await newFolder(t);
  (await PluggedPorts.open(folder)).set(server, first);
  await appendFile(join(folder, 'ports.jsonl'), '\n{"id":"port-2","plug');
  const ports = await PluggedPorts.open(folder);
  assert.deepEqual(ports.all(), [{ id: first.id, server, operation: null }]);
  ports.set(another, second);
  assert.deepEqual((await PluggedPorts.open(folder)).all(), [
    { id: first.id, server, operation: null },
    { id: second.id, server: another, operation: null },
  ]);
});

test('the file does not grow with ports that come and go, and is gone after the last', async (t) => {
  const folder = await newFolder(t);
  const ports = await PluggedPorts.open(folder);
  ports.set(server, first);
  for (let n = 0; n < 1_500; n++) {
    ports.set(server, second);
    ports.remove(second.id);
  }
  assert.ok((await stat(join(folder, 'ports.jsonl'))).size < 300_000);
  assert.deepEqual((await PluggedPorts.open(folder)).all(), [{ id: first.id, server, operation: null }]);
  ports.remove(first.id);
  assert.deepEqual(await readdir(folder), []);
});
