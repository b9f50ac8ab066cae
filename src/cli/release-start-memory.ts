/** Milliseconds: the first requests after a start come before it. */
const AFTER = 1000;

/**
 * Collects the garbage of loading and starting once, in the background. V8 would keep it until the heap
 * doubles, which a service that is mostly idle may never reach. Does nothing unless node runs with
 * `--expose-gc`.
 */
export function releaseStartMemory(): void {
  const { gc } = globalThis;
  if (gc === undefined) return;
  setTimeout(() => void gc({ type: 'major', execution: 'async', flavor: 'last-resort' }), AFTER).unref();
}
