import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NOVA_COMMIT, novaUrl } from '../../setup/nova/commit.ts';
import { definitionsOf, lineOf } from '../../setup/nova/definitions.ts';
import { isCertainlyName, novaReferences, referencesIn } from '../../setup/nova/references.ts';
import { definitionsNamed, NOVA_LINES } from '../../setup/nova/sources-page.ts';
import { repositoryFiles, textOf } from './source-files.ts';

const LOCATE = 'run `node setup/locate-nova.ts CLONE_OF_NOVA` and `npm run docs`';

describe('references to Nova', () => {
  const references = novaReferences();

  it('name a definition whose line is known', () => {
    const unknown = references.filter(
      (reference) =>
        definitionsNamed(reference).length === 0 ||
        reference.words
          .slice(definitionsNamed(reference).length, definitionsNamed(reference).length + 1)
          .some(isCertainlyName),
    );
    assert.deepEqual(
      unknown.map(({ file, path, words }) => `${file}: ${path} ${words.join(', ')}`),
      [],
      LOCATE,
    );
  });

  it('use every line that is kept', () => {
    const used = new Set(
      references.flatMap((reference) =>
        definitionsNamed(reference).map((name) => `${reference.path} ${name}`),
      ),
    );
    const stale = Object.entries(NOVA_LINES).flatMap(([path, lines]) =>
      Object.keys(lines).length === 0 ? [path] : Object.keys(lines).map((name) => `${path} ${name}`),
    );
    assert.deepEqual(
      stale.filter((each) => !used.has(each)),
      [],
      LOCATE,
    );
  });

  it('lead to the pinned commit, and no page or source leads to a branch', () => {
    assert.ok(novaUrl('nova/utils.py', 3).endsWith(`/${NOVA_COMMIT}/nova/utils.py#L3`));
    const branch = /openstack\/nova\/(?:src\/branch|(?:blob|tree)\/(?:master|main|stable))\//;
    assert.deepEqual(
      repositoryFiles().filter((file) => branch.test(textOf(file) ?? '')),
      [],
    );
  });

  it('are read across the lines of a comment, with all the names that follow the path', () => {
    const text = `/**\n * As Nova (nova/compute/api.py\n * lock, unlock). Pure.\n */\nexport function lockServer() {}\n`;
    assert.deepEqual(referencesIn('a.ts', text), [
      { file: 'a.ts', rule: 'lockServer', path: 'nova/compute/api.py', words: ['lock', 'unlock'] },
    ]);
  });
});

describe('the definitions of a Python source', () => {
  const source = [
    'LIMIT = 3',
    'class API:',
    '    STATES = [1]',
    '    @check',
    '    def lock(self):',
    '        LIMIT = 4',
    '    async def start(self): pass',
    'class Other:',
    '    def lock(self): pass',
    'opts = [',
    "    cfg.StrOpt('cpu_mode',",
    ']',
  ].join('\n');
  const definitions = definitionsOf(source);

  it('are functions, classes, constants and options, each with its line', () => {
    const lines = ['LIMIT', 'API', 'API.STATES', 'API.lock', 'start', 'Other.lock', 'opts', 'cpu_mode'];
    assert.deepEqual(
      lines.map((name) => lineOf(definitions, name)),
      [1, 2, 3, 5, 7, 9, 10, 11],
    );
    assert.equal(lineOf(definitions, 'unlock'), undefined);
  });

  it('are not chosen among when several classes have one', () => {
    assert.throws(() => lineOf(definitions, 'lock'), /lock is one of API\.lock, Other\.lock: name which/);
  });
});
