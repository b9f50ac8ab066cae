import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmod, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { twoFacedVmdk } from '../../../../test/lab/hostile-images.ts';
import { Failure } from '../../../model/failure.ts';
import { QemuImg } from '../disks/qemu-img.ts';
import type { ReadableFormat } from '../image-inspection/inspect-image.ts';
import { BubblewrapSandbox } from './bubblewrap.ts';

const execute = promisify(execFile);
const CANARY = 'a secret of the host that no guest may read\n'.repeat(2048);
const never = new AbortController().signal;
const SIZE = 65536;

/** The state directory of an agent: with images in its cache, and beside it what is nobody's business. */
let root = '';
let server: ReturnType<typeof spawn>;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'references-'));
  await chmod(root, 0o711);
  for (const name of ['secret', 'another-image']) await writeFile(join(root, name), CANARY, { mode: 0o644 });
  const socket = join(root, 'nbd.sock');
  server = spawn('qemu-nbd', ['-r', '-t', '-f', 'raw', '-k', socket, join(root, 'secret')]);
  const deadline = Date.now() + 20_000;
  while ((await stat(socket).catch(() => null)) === null)
    assert.ok(server.exitCode === null && Date.now() < deadline, 'qemu-nbd did not start');
});
after(async () => {
  server?.kill();
  await rm(root, { recursive: true, force: true });
});

type Kind = 'absolute' | 'relative' | 'url' | 'nowhere';

/** How an image may refer to something outside itself. */
const REFERENCES: Readonly<Record<string, { name: () => string; kind: Kind }>> = {
  'the absolute path of a file of the host': { name: () => join(root, 'secret'), kind: 'absolute' },
  "the bare name of another image in the cache's folder": { name: () => 'another-image', kind: 'relative' },
  'a relative path': { name: () => `../${root.slice(root.lastIndexOf('/') + 1)}/secret`, kind: 'relative' },
  'a path through /proc/self/root': { name: () => join('/proc/self/root', root, 'secret'), kind: 'absolute' },
  "a path through the agent's /proc entry": {
    name: () => join(`/proc/${process.pid}/root`, root, 'secret'),
    kind: 'absolute',
  },
  'a file: URL': { name: () => `file:${join(root, 'secret')}`, kind: 'url' },
  'a json: description of a file': {
    name: () => `json:{"driver":"raw","file":{"driver":"file","filename":"${join(root, 'secret')}"}}`,
    kind: 'url',
  },
  'an nbd: URL': { name: () => `nbd+unix:///?socket=${join(root, 'nbd.sock')}`, kind: 'url' },
  'an http: URL': { name: () => 'http://127.0.0.1:9/secret', kind: 'nowhere' },
  'an open file of the program': { name: () => '/proc/self/fd/3', kind: 'nowhere' },
};

interface Carrier {
  readonly format: ReadableFormat | 'qed';
  /** The references that QEMU follows where nothing holds it back. */
  readonly follows: readonly Kind[];
  readonly make: (path: string, name: string) => Promise<void>;
}

/** Images that carry a reference, past the inspector: what would come if it had a hole. */
const CARRIERS: Readonly<Record<string, Carrier>> = {
  'a flat extent of a VMDK': {
    format: 'vmdk',
    follows: ['absolute', 'relative'],
    make: (path, name) => writeFile(path, twoFacedVmdk(`RW ${SIZE / 512} FLAT "${name}" 0`)),
  },
  'the backing file of a QCOW2': {
    format: 'qcow2',
    follows: ['absolute', 'relative', 'url'],
    make: (path, name) => backed('qcow2', path, name),
  },
  'the backing file of a QED': {
    format: 'qed',
    follows: ['absolute', 'relative', 'url'],
    make: (path, name) => backed('qed', path, name),
  },
  'the data file of a QCOW2': { format: 'qcow2', follows: ['absolute'], make: withDataFile },
};

async function backed(format: string, path: string, name: string): Promise<void> {
  const options = `backing_fmt=raw,size=${SIZE}`;
  await execute('qemu-img', ['create', '-q', '-u', '-f', format, '-o', options, '-b', name, path]);
}

/** A QCOW2 whose only cluster is the beginning of the file that its header names. */
async function withDataFile(path: string, name: string): Promise<void> {
  const own = join(root, 'own-data');
  const options = `data_file=${own},data_file_raw=on,preallocation=metadata`;
  await execute('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', options, path, String(SIZE)]);
  await rm(own);
  const image = await readFile(path);
  const extension = image.indexOf(Buffer.from('DATA', 'latin1'), 104);
  const rest = image.subarray(extension + 8 + Math.ceil(own.length / 8) * 8, 4096);
  const text = Buffer.alloc(Math.ceil(name.length / 8) * 8);
  text.write(name, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  const front = Buffer.concat([image.subarray(0, extension + 4), length, text, rest]);
  const file = await open(path, 'r+');
  await file.write(front, 0, Math.min(front.length, 65536), 0);
  await file.close();
}

const files = { source: () => join(root, 'hostile'), target: () => join(root, 'written') };

/** The bytes that a conversion wrote. */
async function written(): Promise<string> {
  return (await readFile(files.target(), 'utf8').catch(() => '')).slice(0, CANARY.length);
}

for (const [carrier, { format, follows, make }] of Object.entries(CARRIERS))
  describe(`an image that refers by ${carrier}`, () => {
    for (const [how, { name, kind }] of Object.entries(REFERENCES))
      test(`to ${how} gives nothing of it to a program in the sandbox`, async () => {
        const [source, target] = [files.source(), files.target()];
        await make(source, name());
        const convert = (from: string, to: string) => ['convert', '-f', format, '-O', 'raw', from, to];
        await rm(target, { force: true });
        await execute('qemu-img', convert(source, target)).catch(() => {});
        if (follows.includes(kind)) assert.match(await written(), /secret/, 'this reference is none');

        await writeFile(target, '');
        const limits = { memory: 2 ** 31, cpuSeconds: 30, fileSize: SIZE };
        await new BubblewrapSandbox()
          .run({
            command: 'qemu-img',
            args: (paths) => convert(paths.source, paths.target),
            ...{ source, target, limits, what: 'a disk', timeoutMs: 30_000 },
          })
          .catch((error: unknown) => assert.ok(error instanceof Failure, String(error)));
        assert.doesNotMatch(await written(), /secret/);

        if (format === 'qed') return;
        await rm(target);
        await new QemuImg(new BubblewrapSandbox())
          .convertToRaw({ path: source, format, target, size: SIZE, signal: never })
          .catch((error: unknown) => assert.ok(error instanceof Failure && error.kind === 'invalid'));
        assert.doesNotMatch(await written(), /secret/);
      });
  });
