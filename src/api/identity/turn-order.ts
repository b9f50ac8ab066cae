/**
 * Queues items by an outer and an inner key. The outer keys take turns, and within each the inner keys;
 * items of one inner key are in order of arrival.
 */
export class TurnOrder<Item> {
  readonly #keysOf: (item: Item) => readonly [outer: string, inner: string];
  /** Ordered by the keys' next turns. */
  readonly #outer = new Map<string, Map<string, Item[]>>();
  readonly #sizes = new Map<string, number>();
  #size = 0;

  constructor(keysOf: (item: Item) => readonly [outer: string, inner: string]) {
    this.#keysOf = keysOf;
  }

  get size(): number {
    return this.#size;
  }

  sizeOf(outer: string): number {
    return this.#sizes.get(outer) ?? 0;
  }

  add(item: Item): void {
    const [outer, inner] = this.#keysOf(item);
    const within = this.#outer.get(outer) ?? new Map<string, Item[]>();
    within.set(inner, [...(within.get(inner) ?? []), item]);
    this.#outer.set(outer, within);
    this.#count(outer, 1);
  }

  /** The next item. Its keys move to the end of their queues; the item stays until it is removed. */
  next(): Item | undefined {
    const [outer] = this.#outer.keys();
    const within = outer === undefined ? undefined : this.#outer.get(outer);
    if (outer === undefined || within === undefined) return undefined;
    const [inner = ''] = within.keys();
    const items = within.get(inner) ?? [];
    within.delete(inner);
    within.set(inner, items);
    this.#outer.delete(outer);
    this.#outer.set(outer, within);
    return items[0];
  }

  remove(item: Item): void {
    const [outer, inner] = this.#keysOf(item);
    const within = this.#outer.get(outer);
    const items = within?.get(inner);
    const at = items?.indexOf(item) ?? -1;
    if (within === undefined || items === undefined || at === -1) return;
    items.splice(at, 1);
    if (items.length === 0) within.delete(inner);
    if (within.size === 0) this.#outer.delete(outer);
    this.#count(outer, -1);
  }

  /** The newest item of the outer key with the most items. */
  lastOfLargest(): Item | undefined {
    return this.lastOfLargestWithin(largest(this.#sizes));
  }

  /** The newest item of the inner key with the most items within an outer key. */
  lastOfLargestWithin(outer: string | undefined): Item | undefined {
    const within = outer === undefined ? undefined : this.#outer.get(outer);
    if (within === undefined) return undefined;
    const sizes = [...within].map(([inner, items]) => [inner, items.length] as const);
    const inner = largest(new Map(sizes));
    return inner === undefined ? undefined : within.get(inner)?.at(-1);
  }

  #count(outer: string, by: number): void {
    this.#size += by;
    const size = this.sizeOf(outer) + by;
    if (size === 0) this.#sizes.delete(outer);
    else this.#sizes.set(outer, size);
  }
}

/** The key with the largest number; the last one of several. */
function largest(sizes: ReadonlyMap<string, number>): string | undefined {
  let found: string | undefined;
  let most = 0;
  for (const [key, size] of sizes)
    if (size >= most) {
      found = key;
      most = size;
    }
  return found;
}
