import { repositoryFiles, textOf } from '../../test/repo/source-files.ts';
import { ruleAt } from './rule-at.ts';

/** A comment in a source that names a file of Nova and, after it, definitions of that file. */
export interface NovaReference {
  /** Our file, from the root of the repository. */
  readonly file: string;
  /** The declaration or test that the comment belongs to. */
  readonly rule: string;
  /** Nova's file, such as `nova/compute/api.py`. */
  readonly path: string;
  /** The words after the path: names such as `lock` or `Flavor.create`, or the next word of the sentence. */
  readonly words: readonly string[];
}

const SPACE = String.raw`(?: |\n\s*(?:\*|//) )`;
const NAME = String.raw`[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*`;
const REFERENCE = new RegExp(
  String.raw`(?<![\w/.-])(nova/[\w/]+\.py)(?:${SPACE}(${NAME}(?:,${SPACE}${NAME})*))?`,
  'g',
);

/** Every reference to Nova in the TypeScript of `src`, `packages` and `test`, by file and place. */
export function novaReferences(): NovaReference[] {
  return repositoryFiles()
    .filter(
      (file) => /^(?:src|packages|test)\/.*\.ts$/.test(file) && file !== 'test/repo/nova-sources.test.ts',
    )
    .sort()
    .flatMap((file) => referencesIn(file, textOf(file) ?? ''));
}

/** The references to Nova in one source. */
export function referencesIn(file: string, text: string): NovaReference[] {
  return [...text.matchAll(REFERENCE)].map((match) => ({
    file,
    rule: ruleAt(text, match.index),
    path: match[1]!,
    words: (match[2] ?? '').match(new RegExp(NAME, 'g')) ?? [],
  }));
}

/** Whether a word can only be a name: prose has neither underscores nor capitals within a word. */
export function isCertainlyName(word: string): boolean {
  return /_|[a-z][A-Z]|\w\.\w/.test(word);
}
