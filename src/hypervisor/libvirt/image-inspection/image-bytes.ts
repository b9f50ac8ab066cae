/** The content of an image that is read piece by piece: a file, the beginning of an upload, or a buffer. */
export interface ImageBytes {
  /** Bytes from `offset`; fewer than `length` only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** bytes */
  readonly size: number;
}

/** An image in memory. */
export function imageBytesOf(content: Uint8Array): ImageBytes {
  return {
    size: content.length,
    read: async (offset, length) => content.subarray(offset, offset + length),
  };
}

/** At most `length` bytes as a Buffer; fewer at the end. */
export async function readAt(image: ImageBytes, offset: number, length: number): Promise<Buffer> {
  const bytes = await image.read(offset, length);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether the image has these ASCII characters at `offset`. */
export async function hasText(image: ImageBytes, offset: number, text: string): Promise<boolean> {
  return (await readAt(image, offset, text.length)).toString('latin1') === text;
}
