import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { REPOSITORY, repositoryFiles, textOf } from './source-files.ts';

/** Each line with a comment must be reported, and no other. */
const PROBE = `
async function work(): Promise<void> {}
export async function all(list: readonly string[]): Promise<void> {
  await work();
  void work();
  work(); // no-floating-promises
  work().then(() => {}); // no-floating-promises
  list.map(async () => {}); // no-floating-promises
  list.forEach(async () => {}); // no-misused-promises
  try {
    return work(); // return-await
  } catch {}
}
`;

describe('promises', () => {
  it('are reported by the lint where nobody awaits them', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'np-promises-'));
    t.after(() => rm(folder, { recursive: true }));
    const file = join(folder, 'probe.ts');
    await writeFile(file, PROBE);
    const config = join(REPOSITORY, '.oxlintrc.json');
    const words = ['--type-aware', '--quiet', '-c', config, '-f', 'unix', file];
    const { stdout } = spawnSync(join(REPOSITORY, 'node_modules/.bin/oxlint'), words, { encoding: 'utf8' });
    const reported = stdout.matchAll(/probe\.ts:(\d+):.*\(([\w-]+)\)\]$/gm);
    const expected = PROBE.split('\n').flatMap((line, at) =>
      line.includes('//') ? [`${at + 1} ${line.split('// ')[1]}`] : [],
    );
    assert.deepEqual(
      [...reported].map(([, line, rule]) => `${line} ${rule}`).toSorted(),
      expected.toSorted(),
    );
  });

  it('have their handlers at once: no argument of catch, then or finally awaits something first', () => {
    // Until then a rejection is unhandled, and ends the process. No lint reports it.
    const late = repositoryFiles()
      .filter((path) => /^(?:src|packages)\/.*\.ts$/.test(path))
      .flatMap((path) =>
        (textOf(path) ?? '').split('\n').map((line, at) => ({ at: `${path}:${at + 1}`, line })),
      )
      .filter(({ line }) => /\.(?:catch|then|finally)\(\(*await\b/.test(line));
    assert.deepEqual(late, []);
  });
});
