/** Loads the values of many keys at once. @returns what was found, by key */
type LoadMany<Key, Value> = (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>;

interface Waiting<Key, Value> {
  readonly key: Key;
  resolve(value: Value | undefined): void;
  reject(why: unknown): void;
}

/** Keeps a query short, and the number of its forms that a database plans small. */
const MAX_BATCH = 64;

/**
 * Loads single values in batches: the first key is loaded at once, and the keys that come meanwhile are
 * loaded together after it. Each is loaded after it came, so its value is as fresh as if it had been loaded
 * alone.
 */
export function batchLoader<Key, Value>(
  loadMany: LoadMany<Key, Value>,
): (key: Key) => Promise<Value | undefined> {
  const waiting: Waiting<Key, Value>[] = [];
  let isLoading = false;

  async function loadAll(): Promise<void> {
    isLoading = true;
    while (waiting.length > 0) await loadSome(waiting.splice(0, MAX_BATCH));
    isLoading = false;
  }

  async function loadSome(some: readonly Waiting<Key, Value>[]): Promise<void> {
    try {
      const found = await loadMany([...new Set(some.map(({ key }) => key))]);
      for (const { key, resolve } of some) resolve(found.get(key));
    } catch (error) {
      for (const { reject } of some) reject(error);
    }
  }

  return (key) => {
    const { promise, resolve, reject } = Promise.withResolvers<Value | undefined>();
    waiting.push({ key, resolve, reject });
    if (!isLoading) void loadAll();
    return promise;
  };
}
