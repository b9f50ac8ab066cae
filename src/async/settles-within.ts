/**
 * Whether a promise settles within so many milliseconds.
 * @throws what the promise is rejected with
 */
export async function settlesWithin(awaited: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const { promise: over, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, milliseconds, false);
  try {
    return await Promise.race([awaited.then(() => true), over]);
  } finally {
    clearTimeout(timer);
  }
}
