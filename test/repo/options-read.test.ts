import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declaredGroups } from '../../src/config/declared.ts';
import { repositoryFiles, textOf } from './source-files.ts';

/** Without comments and texts: what only a sentence names is read by nobody. */
function codeOf(source: string): string {
  return source
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/(^|\s)\/\/.*$/gm, ' ')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''");
}

describe('the options of the configuration', () => {
  it('are each read by code outside of src/config: none is documented and without effect', () => {
    const isCode = (path: string) =>
      path.startsWith('src/') && !path.startsWith('src/config/') && /(?<!\.test)\.ts$/.test(path);
    const code = repositoryFiles()
      .filter(isCode)
      .map((path) => codeOf(textOf(path) ?? ''));
    const unread = Object.entries(declaredGroups).flatMap(([group, { options }]) => {
      const ofGroup = code.filter((text) => new RegExp(`\\b${group}\\b`).test(text));
      return Object.keys(options)
        .filter((name) => !ofGroup.some((text) => new RegExp(`(?:\\.|[{,]\\s*)${name}\\b`).test(text)))
        .map((name) => `[${group}] ${name}`);
    });
    assert.deepEqual(unread, []);
  });
});
