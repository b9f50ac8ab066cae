/** How often one is told that nothing has changed. Milliseconds. */
const AGAIN_MS = 60_000;

/**
 * Whether to tell of something that may last for hours and is noticed every other second: when it is another
 * thing than last time, and once a minute.
 */
export function createRepeats(now: () => number): (what: string) => boolean {
  let last: { readonly what: string; readonly at: number } | undefined;
  return (what) => {
    const at = now();
    if (last?.what === what && at - last.at < AGAIN_MS) return false;
    last = { what, at };
    return true;
  };
}
