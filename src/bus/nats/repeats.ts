/** Interval at which an unchanged message is repeated. Milliseconds. */
const REPEAT_MS = 60_000;

/**
 * Whether to log a condition that may last for hours and is noticed every other second: when it has changed,
 * and once a minute.
 */
export function createRepeats(now: () => number): (what: string) => boolean {
  let last: { readonly what: string; readonly at: number } | undefined;
  return (what) => {
    const at = now();
    if (last?.what === what && at - last.at < REPEAT_MS) return false;
    last = { what, at };
    return true;
  };
}
