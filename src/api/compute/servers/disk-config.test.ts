import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../../model/failure.ts';
import type { ImageId } from '../../../model/ids.ts';
import { diskConfigOf } from './disk-config.ts';

const image = (said?: string) => ({
  id: 'a1b2c3d4-0000-4000-8000-000000000001' as ImageId,
  properties: said === undefined ? {} : { auto_disk_config: said },
});

test('the request decides, else the image, else MANUAL', () => {
  for (const [asked, said, expected] of [
    [undefined, undefined, 'MANUAL'],
    ['AUTO', undefined, 'AUTO'],
    ['MANUAL', 'true', 'MANUAL'],
    [undefined, 'True', 'AUTO'],
    [undefined, 'disabled', 'MANUAL'],
    ['MANUAL', 'disabled', 'MANUAL'],
  ] as const)
    assert.equal(
      diskConfigOf(asked === undefined ? {} : { 'OS-DCF:diskConfig': asked }, image(said)),
      expected,
    );
});

test('an image that forbids AUTO is heard', () => {
  assert.throws(
    () => diskConfigOf({ 'OS-DCF:diskConfig': 'AUTO' }, image(' Disabled ')),
    (error) => error instanceof Failure && error.kind === 'invalid',
  );
});
