import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startCloud } from '../../../test/lab/cloud.ts';
import { imageOf } from '../../../test/lab/requests.ts';
import type { ImageId } from '../../model/ids.ts';
import type { Image } from '../../model/image.ts';
import { contentsOfImage } from './image-contents.ts';

const kernelId = '9a9a9a9a-0000-4000-8000-000000000001' as ImageId;
const ramdiskId = '9a9a9a9a-0000-4000-8000-000000000002' as ImageId;

/** A record of the Image API. */
function record(id: ImageId, changes: Partial<Image> = {}): Image {
  return {
    ...{
      id,
      generation: 1,
      name: 'x',
      owner: 'p' as Image['owner'],
      status: 'active',
      visibility: 'private',
    },
    ...{ protected: false, hidden: false, diskFormat: 'aki', containerFormat: 'aki', minDisk: 0, minRam: 0 },
    ...{ size: 7, virtualSize: null, checksum: 'a'.repeat(32), hashValue: 'b'.repeat(128) },
    ...{ properties: {}, tags: [], createdAt: 1, updatedAt: 1 },
    ...changes,
  } as Image;
}

it('a host is told the content of an image by its server, and that of kernel and ramdisk only while they have a record', async (t) => {
  const cloud = await startCloud();
  t.after(() => cloud.close());
  const { store } = cloud.engineParts;
  const image = { ...imageOf({}), hashValue: 'c'.repeat(128), kernelId, ramdiskId };
  const own = { sha512: 'c'.repeat(128), md5: image.checksum, size: image.size };
  await store.images.insert(record(kernelId));
  await store.images.insert(record(ramdiskId));
  const boot = { sha512: 'b'.repeat(128), md5: 'a'.repeat(32), size: 7 };
  assert.deepEqual(await contentsOfImage(store, image), {
    [image.id]: own,
    [kernelId]: boot,
    [ramdiskId]: boot,
  });
  await store.images.delete(kernelId);
  assert.deepEqual(await contentsOfImage(store, image), { [image.id]: own, [ramdiskId]: boot });
});

it('a server of release 0.1 has the SHA-512 of a record with its md5 and size, and of no other', async (t) => {
  const cloud = await startCloud();
  t.after(() => cloud.close());
  const { store } = cloud.engineParts;
  const id = '9a9a9a9a-0000-4000-8000-000000000003' as ImageId;
  const { hashValue: _none, ...image } = { ...imageOf({}), id, hashValue: null };
  const md5Only = { [id]: { sha512: null, md5: image.checksum, size: image.size } };
  assert.deepEqual(await contentsOfImage(store, image), md5Only);
  await store.images.insert(record(id, { size: image.size }));
  assert.deepEqual(await contentsOfImage(store, image), md5Only, 'another md5');
  await store.images.delete(id);
  const other = '9a9a9a9a-0000-4000-8000-000000000004' as ImageId;
  await store.images.insert(record(other, { checksum: image.checksum, size: image.size }));
  const found = await contentsOfImage(store, { ...image, id: other });
  assert.deepEqual(found[other], { sha512: 'b'.repeat(128), md5: image.checksum, size: image.size });
});
