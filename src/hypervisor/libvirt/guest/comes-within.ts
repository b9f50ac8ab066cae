/** Whether something comes, or fails, within so many milliseconds. */
export async function comesWithin(awaited: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const { promise: over, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, milliseconds, false);
  try {
    return await Promise.race([awaited.then(() => true), over]);
  } finally {
    clearTimeout(timer);
  }
}
