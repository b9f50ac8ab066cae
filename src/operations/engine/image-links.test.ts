import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ImageId } from '../../model/ids.ts';
import { createImageLinks } from './image-links.ts';

const image = 'a1b2c3d4-0000-4000-8000-000000000001' as ImageId;
const other = 'a1b2c3d4-0000-4000-8000-000000000002' as ImageId;

function links(secret: string, at: { now: number }) {
  return createImageLinks({ secret, base: () => 'http://192.0.2.1:8774', now: () => at.now });
}

function wordsOf(url: string | undefined) {
  const { pathname, searchParams } = new URL(url ?? '');
  return {
    image: pathname.split('/').at(-1) ?? '',
    until: searchParams.get('until') ?? '',
    key: searchParams.get('key') ?? '',
  };
}

describe('links to image data', () => {
  const at = { now: 1_000_000 };
  const mine = links('secret', at);
  const { [image]: url } = mine.linksTo([image]);
  const words = wordsOf(url);

  it('are admitted by every replica with the same secret', () => {
    assert.ok(url?.startsWith(`http://192.0.2.1:8774/nameplate/v1/image-data/${image}?`));
    assert.equal(links('secret', at).admits(words), true);
  });

  it('are admitted for their image, their time and their key alone', () => {
    for (const [what, wrong] of Object.entries({
      image: { ...words, image: other },
      'a longer time': { ...words, until: String(Number(words.until) + 1) },
      'a time that is none': { ...words, until: 'never' },
      'no key': { ...words, key: '' },
      'another key': { ...words, key: wordsOf(mine.linksTo([other])[other]).key },
      'half the key': { ...words, key: words.key.slice(0, 20) },
    }))
      assert.equal(mine.admits(wrong), false, what);
    assert.equal(links('another secret', at).admits(words), false);
  });

  it('end', () => {
    const later = { now: Number(words.until) - 1 };
    assert.equal(links('secret', later).admits(words), true);
    later.now++;
    assert.equal(links('secret', later).admits(words), false);
  });
});
