import assert from 'node:assert/strict';
import { it } from 'node:test';
import { imageOfRow, rowOfImage } from './image-row.ts';

const id = '6f1c4a0e-6f6c-4b0e-9d5e-0a2f7b7c1d11';

/** As a release without attempts wrote it. */
function oldRow(size: number | null) {
  const body = { virtualSize: null, checksum: null, hashValue: null, properties: {}, tags: [] };
  const row = { id, size, data: null, upload: null, body: JSON.stringify(body) };
  return { ...rowOfImage(imageOfRow(row as never)), data: null };
}

it('the data of an image that an older release stored has the name of its id alone', () => {
  assert.equal(imageOfRow(oldRow(5)).data, id);
  assert.equal(imageOfRow(oldRow(null)).data, null);
  assert.equal(imageOfRow(oldRow(5)).upload, null);
});

it('data and upload come back as they were stored', () => {
  const image = { ...imageOfRow(oldRow(null)), data: null, upload: `${id}.1` as never };
  assert.deepEqual(imageOfRow(rowOfImage(image)), image);
});
