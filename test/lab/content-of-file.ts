import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ImageContent } from '../../src/model/image.ts';

/** What the record of an image with this file's data would say of it. */
export async function contentOfFile(path: string): Promise<ImageContent> {
  const data = await readFile(path);
  const sum = (algorithm: string) => createHash(algorithm).update(data).digest('hex');
  return { sha512: sum('sha512'), md5: sum('md5'), size: data.length };
}
