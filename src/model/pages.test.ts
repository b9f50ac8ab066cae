import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pagesOf } from './pages.ts';

async function read(count: number, limit: number) {
  const rows = Array.from({ length: count }, (_, index) => ({ id: String(index) }));
  const asked: unknown[] = [];
  const pages: string[][] = [];
  const list = async (page: { readonly limit: number; readonly marker?: string }) => {
    asked.push(page);
    const first = page.marker === undefined ? 0 : Number(page.marker) + 1;
    return rows.slice(first, first + page.limit);
  };
  for await (const page of pagesOf(list, limit)) pages.push(page.map(({ id }) => id));
  return { asked, pages };
}

test('a list is read page by page, each after the last row of the one before', async () => {
  const { asked, pages } = await read(5, 2);
  assert.deepEqual(pages, [['0', '1'], ['2', '3'], ['4']]);
  assert.deepEqual(asked, [{ limit: 2 }, { limit: 2, marker: '1' }, { limit: 2, marker: '3' }]);
});

test('a full last page is followed by an empty one, and an empty list is one empty page', async () => {
  assert.deepEqual((await read(2, 2)).pages, [['0', '1'], []]);
  assert.deepEqual((await read(0, 2)).pages, [[]]);
});
