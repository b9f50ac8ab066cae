import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Failure } from '../../model/failure.ts';
import { type Image, type ImageDataName, imageDataName } from '../../model/image.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { type Route, route } from '../http/route.ts';
import { changeImage } from './change-image.ts';
import { ImageParams } from './schemas.ts';
import { bytesOf, HEADER_BYTES, virtualSizeOf } from './virtual-size.ts';
import { ownImage } from './visible-image.ts';

/** PUT /v2/images/{id}/file. */
export const uploadRoute: Route = route({
  method: 'PUT',
  path: '/v2/images/:id/file',
  access: 'member',
  policy: 'upload_image',
  summary: 'Upload image data',
  bodyKind: 'image data',
  schemas: { params: ImageParams },
  status: 204,
  handle: async ({ params, caller, parts, request }) => {
    // Without data, clients send no body.
    const data = request.body instanceof Readable ? request.body : Readable.from([]);
    try {
      const image = await ownImage({ store: parts.store, caller, policy: 'upload_image' }, params.id);
      refuseTooLarge(request.headers['content-length'], parts.config.image.max_size);
      const upload = imageDataName(image.id, randomUUID());
      const saving = await begin(parts, image, upload);
      await take(parts, { image: saving, upload }, data);
    } finally {
      // Unread data would block the connection's next request.
      data.resume();
    }
  },
});

function refuseTooLarge(contentLength: string | undefined, maxBytes: number): void {
  if (Number(contentLength ?? 0) > maxBytes)
    throw new Failure('too-large', `Image data is larger than the ${maxBytes} bytes that are accepted.`);
}

/** Changes queued to saving. Of concurrent uploads only one succeeds. */
async function begin(parts: ApiDependencies, seen: Image, upload: ImageDataName): Promise<Image> {
  return changeImage(parts, seen, (image) => {
    if (image.status !== 'queued')
      throw new Failure('conflict', `Image status transition from ${image.status} to saving is not allowed`);
    if (image.diskFormat === null || image.containerFormat === null)
      throw new Failure(
        'invalid',
        'Properties disk_format, container_format must be set prior to saving data.',
      );
    return { status: 'saving', upload };
  });
}

/** One attempt to upload data. */
interface Attempt {
  readonly image: Image;
  readonly upload: ImageDataName;
}

async function take(parts: ApiDependencies, attempt: Attempt, data: Readable): Promise<void> {
  const { image, upload } = attempt;
  try {
    const taken = await parts.imageData.write(upload, data, parts.config.image.max_size);
    const virtualSize = await shownSize(parts, attempt, taken.size);
    await changeImage(parts, image, (now) => {
      if (now.upload !== upload)
        throw new Failure(
          'conflict',
          `The upload to image ${image.id} was given up before its end. Try again.`,
        );
      const { size, md5: checksum, sha512: hashValue } = taken;
      return { status: 'active', data: upload, upload: null, size, virtualSize, checksum, hashValue };
    });
  } catch (thrown) {
    if (await giveUp(parts, attempt)) throw asInterrupted(thrown, data);
  }
}

/**
 * Sets the image back to queued, unless it has another upload or is deleted. The record changes before the
 * data is removed, so that no record names missing data. If the store does not answer, the data stays until
 * a sweep at the next start.
 * @returns false when the attempt was in fact committed, and only the store's answer was lost
 */
async function giveUp(parts: ApiDependencies, { image, upload }: Attempt): Promise<boolean> {
  const after = await changeImage(parts, image, (now) =>
    now.upload === upload ? { status: 'queued', upload: null } : undefined,
  ).catch((thrown) => {
    if (thrown instanceof Failure && thrown.kind === 'not-found') return undefined;
    throw thrown;
  });
  if (after?.data === upload) return false;
  await parts.imageData.delete(upload);
  return true;
}

/** An interruption by the sender is not a fault of the service. */
function asInterrupted(thrown: unknown, data: Readable): unknown {
  if (thrown instanceof Failure || !data.destroyed || data.readableEnded) return thrown;
  return new Failure('invalid', 'The upload was interrupted before its end.', { cause: thrown });
}

async function shownSize(
  parts: ApiDependencies,
  { image, upload }: Attempt,
  size: number,
): Promise<number | null> {
  const isQcow2 = image.diskFormat === 'qcow2' && size >= HEADER_BYTES;
  const header = isQcow2
    ? await bytesOf(await parts.imageData.read(upload, { start: 0, end: HEADER_BYTES - 1 }))
    : Buffer.alloc(0);
  return virtualSizeOf(image.diskFormat, { header, size });
}
