/**
 * Run by `full-disk.test.ts` where a small disk is mounted on the folder that it is given. Says what happened
 * as JSON.
 */
import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { ImageFiles } from '../../src/image-data/image-files.ts';
import { asFailure } from '../../src/model/failure.ts';
import type { ImageId } from '../../src/model/ids.ts';
import { imageDataName } from '../../src/model/image.ts';

const folder = process.argv[2] ?? '';
const name = imageDataName('6f1c4a0e-6f6c-4b0e-9d5e-0a2f7b7c1d11' as ImageId, '1');
const files = new ImageFiles(folder);
const write = async (bytes: number) => {
  try {
    return (await files.write(name, Readable.from([Buffer.alloc(bytes)]), 2 ** 30)).size;
  } catch (thrown) {
    const { kind, message } = asFailure(thrown);
    return { kind, message };
  }
};
const tooMuch = await write(4 * 1024 * 1024);
const left = readdirSync(folder);
const fitting = await write(100_000);
console.log(JSON.stringify({ tooMuch, left, fitting }));
