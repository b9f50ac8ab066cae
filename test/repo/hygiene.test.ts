import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { repositoryFiles, textOf } from './source-files.ts';

/**
 * Folders that only one developer's machine has (Ann lives in examples), and where packages were fetched from
 * there.
 */
const MACHINE_WORDS = [
  /(?:^|[\s'"`(=:])\/(?:work|root|home\/(?!ann\b)[a-z][a-z0-9_-]*|Users\/[A-Za-z][\w-]*)\//m,
  /registry\.(?:npmjs|yarnpkg)\.(?:org|com)/,
  /(?:artifactory|artifactregistry|pkg\.dev|codeartifact|verdaccio)/,
];
const OWN_RULE = 'test/repo/hygiene.test.ts';
const MAX_LINES = 450;
const MAX_COMMENT_COLUMNS = 110;
/** A line of nothing but a comment; directives to tools stand on one line. */
const COMMENT = /^\s*(?:\/\/|\/\*\*?|\*)\s(?!biome-ignore|oxlint-|@ts-)/;

const texts = repositoryFiles().flatMap((path) => {
  const text = textOf(path);
  return text === undefined ? [] : [{ path, text }];
});

describe('the repository', () => {
  it("names no developer's machine and no package registry", () => {
    const found = texts
      .filter(({ path }) => path !== OWN_RULE)
      .flatMap(({ path, text }) =>
        MACHINE_WORDS.flatMap((word) => {
          const match = word.exec(text);
          return match === null ? [] : [`${path}: ${match[0].trim()}`];
        }),
      );
    assert.deepEqual(found, []);
  });

  it('locks packages by version and digest, not by where they were fetched from', () => {
    const lock = texts.find(({ path }) => path === 'package-lock.json');
    const { packages } = JSON.parse(lock!.text) as {
      packages: Record<string, { resolved?: string; link?: true }>;
    };
    const fetched = Object.entries(packages).filter(
      ([, entry]) => entry.resolved !== undefined && !entry.link,
    );
    assert.deepEqual(fetched, []);
  });

  it(`has no source file above ${MAX_LINES} lines`, () => {
    const sources = texts.filter(({ path }) => /^(?:src|packages\/[^/]+\/src)\/.*\.ts$/.test(path));
    const long = sources
      .filter(({ path }) => !/generated|golden|\.test\.ts$/.test(path))
      .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > MAX_LINES);
    assert.deepEqual(long, []);
  });

  it(`has no line of a comment beyond column ${MAX_COMMENT_COLUMNS}, but one that is a single word`, () => {
    const long = texts
      .filter(({ path }) => path.endsWith('.ts'))
      .flatMap(({ path, text }) =>
        text.split('\n').flatMap((line, index) => {
          const fits = line.length <= MAX_COMMENT_COLUMNS || !COMMENT.test(line);
          return fits || line.replace(COMMENT, '').trim().split(' ').length === 1
            ? []
            : [`${path}:${index + 1}`];
        }),
      );
    assert.deepEqual(long, []);
  });
});
