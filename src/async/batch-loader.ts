/** Loads the values of many keys at once. @returns the found values by key */
type LoadMany<Key, Value> = (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>;

interface Waiting<Key, Value> {
  readonly key: Key;
  resolve(value: Value | undefined): void;
  reject(why: unknown): void;
}

/** Keeps a query short, and limits the number of query forms that a database must plan. */
const MAX_BATCH = 64;

/**
 * Loads single values in batches. The first key is loaded at once; keys that arrive during a load form the
 * next batch. Each value is read after its request, so it is as fresh as a single load.
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
