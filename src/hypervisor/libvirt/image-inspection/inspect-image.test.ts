import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { twoFacedVmdk } from '../../../../test/lab/hostile-images.ts';
import { Failure } from '../../../model/failure.ts';
import type { DiskFormat } from '../../../model/image.ts';
import { imageBytesOf } from './image-bytes.ts';
import { inspectImage } from './inspect-image.ts';

const run = promisify(execFile);
const options = { vmdkAllowedTypes: ['streamOptimized', 'monolithicSparse'] };

function inspect(content: Uint8Array, diskFormat: DiskFormat, allowed = options): Promise<string> {
  return inspectImage(imageBytesOf(content), { name: 'img', diskFormat }, allowed);
}

async function refused(content: Uint8Array, diskFormat: DiskFormat, words: RegExp): Promise<void> {
  await assert.rejects(inspect(content, diskFormat), (error) => {
    assert.ok(error instanceof Failure && error.kind === 'invalid', String(error));
    assert.match(error.message, /^Image img is unacceptable: /);
    assert.match(error.message, words);
    return true;
  });
}

let scratch = '';
before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'inspect-'));
});
after(() => rm(scratch, { recursive: true, force: true }));

/** An image as qemu-img makes it. */
async function made(format: string, more: readonly string[] = []): Promise<Buffer> {
  const path = join(scratch, `${format}-${Math.random()}`);
  await run('qemu-img', ['create', '-q', '-f', format, ...more, path, '4M']);
  return readFile(path);
}

/** A disk with one partition of a type, from this sector. */
function partitioned(type = 0x83, first = 2048): Buffer {
  const disk = Buffer.alloc(1024 * 1024);
  disk.writeUInt8(0x80, 446);
  disk.set([0, 2, 0], 447);
  disk.writeUInt8(type, 450);
  disk.writeUInt32LE(first, 454);
  disk.writeUInt32LE(1000, 458);
  disk.writeUInt16LE(0xaa55, 510);
  return disk;
}

function disc(front: Buffer = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.alloc(64 * 1024);
  front.copy(bytes, 0, 0, 32768);
  bytes.write('\u0001CD001\u0001', 32768, 'latin1');
  return bytes;
}

for (const [format, glance] of [
  ['qcow2', 'qcow2'],
  ['vdi', 'vdi'],
  ['vpc', 'vhd'],
  ['vhdx', 'vhdx'],
  ['vmdk', 'vmdk'],
] as const) {
  test(`${glance} as qemu-img makes it is known, and only as that`, async () => {
    const image = await made(format);
    assert.equal(await inspect(image, glance), glance);
    await refused(image, 'raw', new RegExp(`its disk_format is raw, but its content is ${glance}`));
  });
}

test('content that nothing knows is raw, and only raw', async () => {
  assert.equal(await inspect(Buffer.alloc(4096), 'raw'), 'raw');
  assert.equal(await inspect(Buffer.alloc(0), 'raw'), 'raw');
  for (const format of ['qcow2', 'iso', 'vmdk', 'vdi', 'vhd', 'vhdx', 'qed'] as const)
    await refused(Buffer.alloc(4096), format, /but its content is raw/);
});

test('a qcow2 image of version 2 is accepted, another version is not', async () => {
  const image = await made('qcow2', ['-o', 'compat=0.10']);
  assert.equal(await inspect(image, 'qcow2'), 'qcow2');
  image.writeUInt32BE(4, 4);
  await refused(image, 'qcow2', /version 4/);
});

test('a qcow2 image with a backing file is refused', async () => {
  const base = join(scratch, 'base.raw');
  await writeFile(base, Buffer.alloc(4 * 1024 * 1024));
  await refused(await made('qcow2', ['-b', base, '-F', 'raw']), 'qcow2', /has a backing file/);
});

test('a qcow2 image with an external data file or unknown features is refused', async () => {
  const external = await made('qcow2', ['-o', `data_file=${join(scratch, 'data')}`]);
  await refused(external, 'qcow2', /external file/);
  const image = await made('qcow2');
  image.writeBigUInt64BE(1n << 40n, 72);
  await refused(image, 'qcow2', /unknown QCOW2 features/);
});

test('a qcow2 header that is cut off is refused', async () => {
  await refused((await made('qcow2')).subarray(0, 60), 'qcow2', /cut off/);
  await refused((await made('qcow2')).subarray(0, 90), 'qcow2', /cut off/);
});

test('qed is refused whatever is declared', async () => {
  const image = await made('qed');
  await refused(image, 'qed', /QED/);
  await refused(image, 'raw', /QED/);
});

test('vmdk: stream-optimized is accepted, a flat one and types that are not allowed are refused', async () => {
  const streamed = join(scratch, 'streamed.vmdk');
  const raw = join(scratch, 'streamed.raw');
  await writeFile(raw, Buffer.alloc(1024 * 1024, 7));
  await run('qemu-img', [
    'convert',
    '-f',
    'raw',
    '-O',
    'vmdk',
    '-o',
    'subformat=streamOptimized',
    raw,
    streamed,
  ]);
  const image = await readFile(streamed);
  assert.equal(await inspect(image, 'vmdk'), 'vmdk');
  await assert.rejects(inspect(image, 'vmdk', { vmdkAllowedTypes: [] }), /none is allowed here/);
  const flat = join(scratch, 'flat.vmdk');
  await run('qemu-img', ['create', '-q', '-f', 'vmdk', '-o', 'subformat=monolithicFlat', flat, '1M']);
  await refused(await readFile(flat), 'vmdk', /descriptor that names other files/);
});

/** A VMDK as qemu-img makes it, with this change in its descriptor. */
async function vmdkWith(from: RegExp, to: string): Promise<Buffer> {
  const image = await made('vmdk');
  const text = image.toString('latin1', 512, image.indexOf(0, 512));
  const changed = text.replace(from, to);
  assert.notEqual(changed, text, `${from} is not in the descriptor`);
  image.fill(0, 512, 512 + 20 * 512);
  image.write(changed, 512, 'latin1');
  return image;
}

for (const [what, from, to, words] of [
  ['a path in an extent', /SPARSE ".*"/, 'SPARSE "/etc/shadow"', /extent with a path/],
  ['a path of Windows in an extent', /SPARSE ".*"/, 'SPARSE "C:\\x"', /extent with a path/],
  ['a URL in an extent', /SPARSE ".*"/, 'SPARSE "nbd:x"', /extent with a path/],
  ['a flat extent', /^RW .*$/m, 'RW 8192 FLAT "x" 0', /extent that is not the file itself/],
  ['a zero extent', /^RW .*$/m, 'RW 8192 ZERO', /extent that is not the file itself/],
  ['a VMFS extent', /^RW .*$/m, 'RW 8192 VMFS "x"', /extent that is not the file itself/],
  ['two extents', /^(RW .*)$/m, '$1\n$1', /more than one extent/],
  ['no extents', /^RW .*$/m, '', /without extents/],
  ['a parent', /parentCID=.*/, 'parentCID=12345678', /parent/],
  ['a second parent id, in a comment', /version=1/, 'version=1\n# parentCID=1', /one parentCID/],
  ["a parent's name", /version=1/, 'version=1\nparentFileNameHint="x"', /parent/],
  ["a parent's name in a comment", /version=1/, 'version=1\n# parentFileNameHint="x"', /parent/],
  ['an unknown line', /version=1/, 'version=1\nsomething=else', /unknown line/],
  ['a letter beyond ASCII', /version=1/, 'version=\xe9', /not plain ASCII/],
  ['a control character', /version=1/, 'version=1\x01', /not plain ASCII/],
  ['another type in a comment', /version=1/, 'version=1\n# createType="vmfs"', /one createType/],
  ['another type in a line', /version=1/, 'version=1\ncreateType="vmfs"', /one createType/],
  ['another type in a name', /"4"/, '"createType="', /one createType/],
  ['its type in a comment only', /^createType/m, '# createType', /VMDK of type ''/],
  ['a flat type', /monolithicSparse/, 'monolithicFlat', /VMDK of type 'monolithicFlat'/],
] as const)
  test(`vmdk: a descriptor with ${what} is refused`, async () => {
    await refused(await vmdkWith(from, to), 'vmdk', words);
  });

test('vmdk: a type that keeps its data elsewhere is refused even where configuration allows it', async () => {
  const flat = await vmdkWith(/monolithicSparse/, 'monolithicFlat');
  const allowed = { vmdkAllowedTypes: ['monolithicFlat', 'streamOptimized'] };
  await assert.rejects(inspect(flat, 'vmdk', allowed), /allowed are streamOptimized\./);
});

test('vmdk: a descriptor that QEMU would read otherwise than by its header is refused', async () => {
  const changed = async (change: (image: Buffer) => void) => {
    const image = await made('vmdk');
    change(image);
    return image;
  };
  await refused(await changed((image) => image.writeBigUInt64LE(0n, 12)), 'vmdk', /without a capacity/);
  await refused(await changed((image) => image.writeBigUInt64LE(2n, 28)), 'vmdk', /bad VMDK descriptor/);
  await refused(await changed((image) => image.writeBigUInt64LE(1n << 40n, 36)), 'vmdk', /bad VMDK/);
  await refused(await changed((image) => image.writeUInt32LE(4, 4)), 'vmdk', /VMDK of version 4/);
  const behind = await changed((image) => void image.write('RW 1 FLAT "/x" 0', 512 + 5000, 'latin1'));
  await refused(behind, 'vmdk', /something behind its end/);
  const endless = await changed((image) => {
    const end = image.indexOf(0, 512);
    image.fill('\n', end, 512 + 20 * 512, 'latin1');
  });
  await refused(endless, 'vmdk', /does not end/);
  await refused(twoFacedVmdk('RW 2048 FLAT "/etc/shadow" 0'), 'vmdk', /without a capacity/);
});

test('qcow2: encryption, impossible clusters, sizes and headers, and the name of a data file are refused', async () => {
  for (const [change, words] of [
    [(image: Buffer) => image.writeUInt32BE(1, 32), /is encrypted/],
    [(image: Buffer) => image.writeUInt32BE(2, 32), /is encrypted/],
    [(image: Buffer) => image.writeUInt32BE(64, 20), /clusters of 2\^64 bytes/],
    [(image: Buffer) => image.writeUInt32BE(0, 20), /clusters of 2\^0 bytes/],
    [(image: Buffer) => image.writeBigUInt64BE(1n << 63n, 24), /impossible QCOW2 size/],
    [(image: Buffer) => image.writeUInt32BE(10, 16), /backing file/],
    [(image: Buffer) => image.writeUInt32BE(7, 100), /impossible length/],
    [
      (image: Buffer) => image.writeUInt32BE(0x44415441, image.readUInt32BE(100)),
      /names an external data file/,
    ],
    [
      (image: Buffer) => image.writeUInt32BE(0x7fffffff, image.readUInt32BE(100) + 4),
      /extension that is cut off/,
    ],
  ] as const) {
    const image = await made('qcow2');
    change(image);
    await refused(image, 'qcow2', words);
  }
});

test('vdi, vhd and vhdx: a difference to another image is refused', async () => {
  const vdi = await made('vdi');
  vdi.writeUInt32LE(4, 0x4c);
  await refused(vdi, 'vdi', /parent/);
  const linked = await made('vdi');
  linked.writeUInt8(1, 0x1b8);
  await refused(linked, 'vdi', /parent/);
  const vhd = await made('vpc');
  vhd.writeUInt32BE(4, 60);
  await refused(vhd, 'vhd', /VHD of type 4/);
  const vhdx = await made('vhdx');
  const parameters = vhdx.indexOf(Buffer.from('3767a1ca36fa434db3b633f0aa44e76b', 'hex'));
  const metadata = vhdx.lastIndexOf('metadata', parameters);
  const flags = metadata + vhdx.readUInt32LE(parameters + 16) + 4;
  vhdx.writeUInt32LE(vhdx.readUInt32LE(flags) | 2, flags);
  await refused(vhdx, 'vhdx', /parent/);
  await refused((await made('vhdx')).subarray(0, 200_000), 'vhdx', /VHDX/);
  await refused((await made('vdi')).subarray(0, 100), 'vdi', /cut off/);
});

test('content that a program which guesses takes for something else is not raw', async () => {
  for (const magic of [
    'WithoutFreeSpace',
    'WithouFreSpacExt',
    'Bochs Virtual HD Image',
    'COWD',
    'version=1\n',
  ])
    await refused(Buffer.concat([Buffer.from(magic), Buffer.alloc(4096)]), 'raw', /could be read as/);
});

test('a disk with partitions is raw', async () => {
  assert.equal(await inspect(partitioned(), 'raw'), 'raw');
  assert.equal(await inspect(partitioned(0xee, 1), 'raw'), 'raw');
  await refused(partitioned(), 'qcow2', /its content is gpt/);
});

test('a partition table out of order is refused', async () => {
  const flagged = partitioned();
  flagged.writeUInt8(0x12, 446 + 16);
  await refused(flagged, 'raw', /boot flag in MBR partition 2/);
  await refused(partitioned(0xee, 5), 'raw', /starting LBA/);
  const hybrid = partitioned(0xee, 1);
  hybrid.writeUInt8(0x83, 450 + 16);
  await refused(hybrid, 'raw', /other partitions beside it/);
  const empty = Buffer.alloc(1024);
  empty.writeUInt16LE(0xaa55, 510);
  await refused(empty, 'raw', /without partitions/);
});

test('a FAT file system without partitions is raw', async () => {
  const fat = Buffer.alloc(4096, 0x41);
  fat.set([0xeb, 0x3c, 0x90], 0);
  fat.writeUInt16LE(512, 11);
  fat.writeUInt8(0xf8, 21);
  fat.writeUInt16LE(0xaa55, 510);
  assert.equal(await inspect(fat, 'raw'), 'raw');
});

test('a disc is an iso, with a partition table too, but not with anything else', async () => {
  assert.equal(await inspect(disc(), 'iso'), 'iso');
  assert.equal(await inspect(disc(partitioned()), 'iso'), 'iso');
  await refused(disc(), 'raw', /its content is iso/);
  await refused(disc(await made('qcow2')), 'iso', /could be read as qcow2 and as iso/);
});

test('luks is not an image of any declared format', async () => {
  const image = Buffer.alloc(4096);
  image.write('LUKS\xba\xbe', 0, 'latin1');
  image.writeUInt16BE(2, 6);
  await refused(image, 'raw', /LUKS of version 2/);
  image.writeUInt16BE(1, 6);
  await refused(image, 'raw', /its content is luks/);
});

test('ami, aki and ari are raw bytes, whatever they look like', async () => {
  const image = await made('qcow2');
  for (const format of ['ami', 'aki', 'ari'] as const) assert.equal(await inspect(image, format), 'raw');
});

test('any bytes, declared as anything, are accepted as what they are or refused as invalid', async () => {
  const magics = [
    'QFI\xfb',
    'KDMV',
    'QED\0',
    'conectix',
    'vhdxfile',
    'LUKS\xba\xbe',
    '# Disk DescriptorFile',
    '',
  ];
  const formats = ['raw', 'qcow2', 'iso', 'vmdk', 'vdi', 'vhd', 'vhdx', 'qed', 'ami'] as const;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...magics),
      fc.uint8Array({ maxLength: 1200 }),
      fc.constantFrom(...formats),
      async (magic, rest, format) => {
        const content = Buffer.concat([Buffer.from(magic, 'latin1'), rest]);
        try {
          assert.equal(await inspect(content, format), format === 'ami' ? 'raw' : format);
        } catch (error) {
          assert.ok(error instanceof Failure && error.kind === 'invalid', String(error));
        }
      },
    ),
  );
});
