import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const REPOSITORY = join(import.meta.dirname, '../..');

/**
 * The repository's files as paths below its root: those that git knows, and new ones that it would not
 * ignore.
 */
export function repositoryFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: REPOSITORY,
    encoding: 'utf8',
  });
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(REPOSITORY, path)));
}

/** The file's text; undefined when it is no text, as git judges it: by a zero byte. */
export function textOf(path: string): string | undefined {
  const content = readFileSync(join(REPOSITORY, path));
  return content.includes(0) ? undefined : content.toString('utf8');
}
