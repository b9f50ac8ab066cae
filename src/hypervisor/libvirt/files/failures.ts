import { Failure } from '../../../model/failure.ts';

const FULL_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}

/** Whether an error means that a file or directory does not exist. */
export function isMissing(thrown: unknown): boolean {
  return codeOf(thrown) === 'ENOENT';
}

/** Whether an error means that a file or directory exists already. */
export function isPresent(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return code === 'EEXIST' || code === 'ENOTEMPTY';
}

/** Converts an error of the file system to a failure about `what`. A full disk is `out-of-space`. */
export function diskFailure(what: string, thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (FULL_CODES.has(codeOf(thrown)) || /no space left on device|disk quota exceeded/i.test(text))
    return new Failure('out-of-space', `There is no space left on the compute host for ${what}.`, {
      operatorText: text,
      cause: thrown,
    });
  if (thrown instanceof Error && thrown.name === 'AbortError')
    return new Failure('timed-out', `Gave up making ${what}.`, { operatorText: text, cause: thrown });
  return new Failure('internal', `The compute host could not make ${what}.`, {
    operatorText: text,
    cause: thrown,
  });
}
