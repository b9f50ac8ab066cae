/** Asks for many keys at once. @returns what was found, by key */
type AskForMany<Key, Value> = (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>;

interface Waiting<Key, Value> {
  readonly key: Key;
  resolve(value: Value | undefined): void;
  reject(why: unknown): void;
}

/** So that a question is short, and there are few forms of it to be planned. */
const MOST_AT_ONCE = 64;

/**
 * Questions for single things, gathered: the first is asked at once, and those that come while it is under way are asked together when it
 * has been answered. Each is asked after it came, so its answer is as fresh as if it had been asked alone.
 */
export function gathered<Key, Value>(ask: AskForMany<Key, Value>): (key: Key) => Promise<Value | undefined> {
  const waiting: Waiting<Key, Value>[] = [];
  let isAsking = false;

  async function askAll(): Promise<void> {
    isAsking = true;
    while (waiting.length > 0) await askSome(waiting.splice(0, MOST_AT_ONCE));
    isAsking = false;
  }

  async function askSome(some: readonly Waiting<Key, Value>[]): Promise<void> {
    try {
      const found = await ask([...new Set(some.map(({ key }) => key))]);
      for (const { key, resolve } of some) resolve(found.get(key));
    } catch (error) {
      for (const { reject } of some) reject(error);
    }
  }

  return (key) => {
    const { promise, resolve, reject } = Promise.withResolvers<Value | undefined>();
    waiting.push({ key, resolve, reject });
    if (!isAsking) void askAll();
    return promise;
  };
}
