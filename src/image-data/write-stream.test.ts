import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { writeStream } from './write-stream.ts';

const BLOCK = 256 * 1024;

describe('a stream that is written to a file', () => {
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'write-stream-'));
    file = join(folder, 'data');
  });
  after(() => rm(folder, { recursive: true }));

  /** In chunks that end nowhere where blocks do. */
  function chunked(bytes: Buffer): Readable {
    const chunks = [];
    for (let at = 0; at < bytes.length; at += 65_537) chunks.push(bytes.subarray(at, at + 65_537));
    return Readable.from(chunks, { objectMode: false });
  }
  const digest = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest('hex');
  const write = async (data: Readable, most = Number.POSITIVE_INFINITY) =>
    writeStream(await open(file, 'w'), data, most);

  for (const size of [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 40 * BLOCK + 7])
    it(`of ${size} bytes is there whole, with its size and digests`, async () => {
      const bytes = randomBytes(size);
      assert.deepEqual(await write(chunked(bytes)), {
        size,
        md5: digest('md5', bytes),
        sha512: digest('sha512', bytes),
      });
      assert.ok(bytes.equals(await readFile(file)));
    });

  it('beside others keeps its own digests', async () => {
    const all = Array.from({ length: 5 }, (_, n) => randomBytes((n + 1) * BLOCK + n));
    const taken = await Promise.all(
      all.map(async (bytes, n) =>
        writeStream(await open(`${file}-${n}`, 'w'), chunked(bytes), Number.POSITIVE_INFINITY),
      ),
    );
    for (const [n, { md5, sha512 }] of taken.entries())
      assert.deepEqual([md5, sha512], [digest('md5', all[n]!), digest('sha512', all[n]!)]);
  });

  it('that is longer than allowed is refused, and one that breaks off throws its error; others go on', async () => {
    const bytes = randomBytes(4 * BLOCK);
    const broken = Readable.from(
      (async function* () {
        yield bytes;
        throw new Error('the sender went away');
      })(),
      { objectMode: false },
    );
    const [tooLong, brokenOff, whole] = await Promise.allSettled([
      write(chunked(bytes), bytes.length - 1),
      open(`${file}-broken`, 'w').then((handle) => writeStream(handle, broken, Number.POSITIVE_INFINITY)),
      open(`${file}-whole`, 'w').then((handle) => writeStream(handle, chunked(bytes), bytes.length)),
    ]);
    assert.match(String((tooLong as PromiseRejectedResult).reason), /larger than the 1048575 bytes/);
    assert.match(String((brokenOff as PromiseRejectedResult).reason), /the sender went away/);
    assert.equal((whole as PromiseFulfilledResult<{ md5: string }>).value.md5, digest('md5', bytes));
  });

  it('to a file that cannot be written throws the error of the file system', async () => {
    const readOnly = await open(file, 'r');
    await assert.rejects(writeStream(readOnly, chunked(randomBytes(20 * BLOCK)), Number.POSITIVE_INFINITY), {
      code: 'EBADF',
    });
  });
});
