import { type FileHandle, open } from 'node:fs/promises';
import type { ImageBytes } from '../image-inspection/image-bytes.ts';

function imageBytesOfFile(file: FileHandle, size: number): ImageBytes {
  return {
    size,
    async read(offset, length) {
      const buffer = Buffer.alloc(length);
      if (offset < 0 || offset >= size) return buffer.subarray(0, 0);
      const { bytesRead } = await file.read(buffer, 0, length, offset);
      return buffer.subarray(0, bytesRead);
    },
  };
}

/** Opens an image file for `look`, which reads it piece by piece. */
export async function withImageFile<Result>(
  path: string,
  look: (image: ImageBytes) => Promise<Result>,
): Promise<Result> {
  const file = await open(path, 'r');
  try {
    return await look(imageBytesOfFile(file, (await file.stat()).size));
  } finally {
    await file.close();
  }
}
