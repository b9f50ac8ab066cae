import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { GuestPlan } from '../../../model/guest.ts';
import { samplePlan } from '../sample-plan.ts';
import { writeConfigDrive } from './config-drive.ts';
import { configDriveFiles } from './content.ts';

const run = promisify(execFile);
const signal = new AbortController().signal;

let scratch = '';
before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'config-drive-test-'));
});
after(() => rm(scratch, { recursive: true, force: true }));

async function written(plan: GuestPlan): Promise<(path: string) => Promise<string>> {
  const path = join(scratch, 'disk.config');
  await writeConfigDrive({ plan, path, version: '0.1.0', hasInterface: true, signal });
  return async (name) => (await run('isoinfo', ['-R', '-i', path, '-x', name])).stdout;
}

test('the drive holds what cloud-init reads, for its owner only', async () => {
  const plan = samplePlan({
    displayName: 'näme "quoted"',
    hostname: 'web-1',
    metadata: { role: 'web', ü: '<&>' },
    keyName: 'k1',
    keyPublic: 'ssh-ed25519 AAAA me',
    keyType: 'ssh',
    userData: Buffer.from('#!/bin/sh\necho hi\n').toString('base64'),
    files: [{ path: '/etc/motd', contents: Buffer.from('hello\n').toString('base64') }],
  });
  const read = await written(plan);
  const meta = JSON.parse(await read('/openstack/latest/meta_data.json'));
  assert.equal(meta.uuid, plan.serverId);
  assert.equal(meta.name, plan.displayName);
  assert.equal(meta.hostname, 'web-1');
  assert.deepEqual(meta.meta, plan.metadata);
  assert.deepEqual(meta.public_keys, { k1: 'ssh-ed25519 AAAA me' });
  assert.deepEqual(meta.keys, [{ name: 'k1', type: 'ssh', data: 'ssh-ed25519 AAAA me' }]);
  assert.deepEqual(meta.files, [{ path: '/etc/motd', content_path: '/content/0000' }]);
  assert.equal(await read('/openstack/content/0000'), 'hello\n');
  assert.equal(await read('/openstack/latest/user_data'), '#!/bin/sh\necho hi\n');
  assert.equal(await read('/ec2/latest/user-data'), '#!/bin/sh\necho hi\n');
  const network = JSON.parse(await read('/openstack/latest/network_data.json'));
  assert.match(network.links[0].ethernet_mac_address, /^fa:16:3e:/);
  const disc = join(scratch, 'disk.config');
  assert.match((await run('isoinfo', ['-d', '-i', disc])).stdout, /Volume id: config-2\n/);
  assert.equal((await stat(disc)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(scratch), ['disk.config'], 'nothing else is left');
});

test('each version of the format has the files that it knows, and no more', () => {
  const files = configDriveFiles(samplePlan(), { hasInterface: false, randomSeed: '' });
  const of = (version: string) =>
    [...files.keys()].filter((name) => name.includes(`/${version}/`)).map((name) => name.split('/')[2]);
  assert.deepEqual(of('2012-08-10'), ['meta_data.json']);
  assert.deepEqual(of('2015-10-15'), ['meta_data.json', 'vendor_data.json', 'network_data.json']);
  assert.deepEqual(of('2020-10-14'), [
    'meta_data.json',
    'vendor_data.json',
    'network_data.json',
    'vendor_data2.json',
  ]);
  assert.deepEqual(JSON.parse(String(files.get('openstack/latest/network_data.json'))).links, []);
  assert.ok(!('public_keys' in JSON.parse(String(files.get('openstack/latest/meta_data.json')))));
});
