import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** GitHub's anchors of a page's headings. */
function anchorsOf(page: string): Set<string> {
  const headings = page.matchAll(/^#{1,6} +(.+)$/gm);
  return new Set(
    [...headings].map(([, text = '']) =>
      text
        .trim()
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

it('every relative link of a page names a file that is there, and a heading that is in it', () => {
  const files = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' });
  const broken: string[] = [];
  let links = 0;
  for (const file of files.split('\n').filter((name) => name !== '')) {
    const page = readFileSync(resolve(ROOT, file), 'utf8')
      .replaceAll(/^```[\s\S]*?^```/gm, '')
      .replaceAll(/`[^`\n]*`/g, '');
    for (const [, target = ''] of page.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/i.test(target)) continue;
      links += 1;
      const [path = '', anchor] = target.split('#');
      const named = path === '' ? resolve(ROOT, file) : resolve(ROOT, dirname(file), path);
      if (!existsSync(named)) broken.push(`${file}: ${target}: there is no such file`);
      else if (
        anchor !== undefined &&
        named.endsWith('.md') &&
        !anchorsOf(readFileSync(named, 'utf8')).has(anchor)
      )
        broken.push(`${file}: ${target}: there is no such heading`);
    }
  }
  assert.ok(links > 50, `only ${links} links were found`);
  assert.deepEqual(broken, []);
});
