import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { generatedDocs } from '../../setup/generated-docs.ts';

describe('generated pages', () => {
  for (const { path, render } of generatedDocs) {
    it(`${path} is what its source renders (else: npm run docs)`, async () => {
      const page = readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
      assert.ok(page === (await render(page)), 'run `npm run docs` and commit what it writes');
    });
  }
});
