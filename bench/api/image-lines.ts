import { execFile } from 'node:child_process';
import { hash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { Cloud } from './cloud.ts';
import type { Figure } from './figure.ts';
import { residentMib } from './machine.ts';
import { median } from './one-by-one.ts';

const MIB = 1024 * 1024;
const SIZE_MIB = 256;
const TURNS = 3;

/**
 * An image's data in and out over loopback, beside `dd conv=fsync` of the same bytes to the same disk, in
 * turns.
 */
export async function imageLines(folder: string, pid: number, cloud: Cloud): Promise<Figure[]> {
  const source = join(folder, 'image-source');
  await writeFile(source, randomBytes(SIZE_MIB * MIB));
  const ratios: number[] = [];
  const uploads: number[] = [];
  const downloads: number[] = [];
  let before = 0;
  let after = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    const dd = await rateOf(() =>
      promisify(execFile)('dd', [`if=${source}`, `of=${source}-copy`, 'bs=1M', 'conv=fsync']),
    );
    const image = { name: 'bench', disk_format: 'raw', container_format: 'bare' };
    const { id } = await cloud.askImages<{ id: string }>('POST', '/images', image);
    const upload = await rateOf(() => uploadFile(cloud, id, source));
    before = await residentMib(pid);
    downloads.push(await rateOf(() => download(cloud, id)));
    after = await residentMib(pid);
    await cloud.askImages('DELETE', `/images/${id}`);
    uploads.push(upload);
    ratios.push(upload / dd);
  }
  await Promise.all([source, `${source}-copy`].map((file) => rm(file, { force: true })));
  const digest = Math.min(digestRate('md5'), digestRate('sha512'));
  const middle = (values: readonly number[]) => median(values.toSorted((a, b) => a - b));
  const grew = Math.max(0, Math.round(after - before));
  return [
    {
      ...{ name: 'image upload, as a part of dd conv=fsync', value: middle(ratios) * 100, unit: '%' },
      ...{ target: { atLeast: 90 }, note: `${Math.round(middle(uploads))} MiB/s, ${SIZE_MIB} MiB` },
    },
    {
      ...{
        name: 'image upload, as a part of the slower digest alone',
        value: (middle(uploads) / digest) * 100,
      },
      ...{
        unit: '%',
        note: `${Math.round(digest)} MiB/s; an upload computes md5 and sha512, each in a thread`,
      },
    },
    {
      ...{ name: 'image download', value: middle(downloads), unit: 'MiB/s' },
      note: `the last took ${grew} MiB of memory`,
    },
  ];
}

/** MiB a second of one digest alone. */
function digestRate(algorithm: string): number {
  const bytes = randomBytes(64 * MIB);
  const began = performance.now();
  hash(algorithm, bytes);
  return (64 * 1000) / (performance.now() - began);
}

/** MiB a second. */
async function rateOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (SIZE_MIB * 1000) / (performance.now() - began);
}

async function uploadFile(cloud: Cloud, id: string, source: string): Promise<void> {
  const headers = {
    ...cloud.headers,
    'content-type': 'application/octet-stream',
    'content-length': SIZE_MIB * MIB,
  };
  const sending = request(`${cloud.images}/images/${id}/file`, { method: 'PUT', headers });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  sending.once('error', reject);
  sending.once('response', (answer) => {
    answer.resume();
    if (answer.statusCode === 204) resolve();
    else reject(new Error(`the upload was answered with ${answer.statusCode}`));
  });
  await pipeline(createReadStream(source, { highWaterMark: MIB }), sending);
  await promise;
}

async function download(cloud: Cloud, id: string): Promise<void> {
  const answer = await fetch(`${cloud.images}/images/${id}/file`, { headers: cloud.headers });
  let size = 0;
  for await (const chunk of answer.body ?? []) size += chunk.length;
  if (size !== SIZE_MIB * MIB) throw new Error(`the download was of ${size} bytes`);
}
