/** Milliseconds. The delay leaves time for the first requests after a start. */
const AFTER = 1000;

/**
 * Collects the garbage of loading and starting once, in the background. V8 would keep it until the heap has
 * doubled, which may never happen in a service that is mostly idle. Does nothing unless node runs with
 * `--expose-gc`.
 */
export function releaseStartMemory(): void {
  const { gc } = globalThis;
  if (gc === undefined) return;
  setTimeout(() => void gc({ type: 'major', execution: 'async', flavor: 'last-resort' }), AFTER).unref();
}
