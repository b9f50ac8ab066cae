import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startCloud } from '../../../test/lab/cloud.ts';
import { HOST } from '../../../test/lab/cloud-host.ts';
import { OTHER_HOST, TWO_HOSTS } from '../../../test/lab/move-cases.ts';
import { imageOf } from '../../../test/lab/requests.ts';
import type { ImageId } from '../../model/ids.ts';
import type { Log } from '../../model/log.ts';
import { cacheImages } from './cache-images.ts';

it('images are fetched ahead by each host; one that is away, or an image that is gone, stops no other', async (t) => {
  const cloud = await startCloud(TWO_HOSTS);
  t.after(() => cloud.close());
  const gone = { ...imageOf({}), id: '9a9a9a9a-0000-4000-8000-000000000001' as ImageId };
  cloud.images.vanish(gone.id);
  await cloud.hosts.get(OTHER_HOST)!.silence();
  const lines: string[] = [];
  const log: Log = (event, fields) => void lines.push(`${event} ${fields?.host} ${fields?.image}`);
  await cacheImages({ ...cloud.engineParts, log }, [HOST, OTHER_HOST], [gone, imageOf({})]);
  assert.deepEqual(
    lines.toSorted(),
    [
      `image-caching-failed ${HOST} ${gone.id}`,
      `image-cached ${HOST} ${imageOf({}).id}`,
      `image-caching-failed ${OTHER_HOST} ${gone.id}`,
      `image-caching-failed ${OTHER_HOST} ${imageOf({}).id}`,
    ].toSorted(),
  );
});
