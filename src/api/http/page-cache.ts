import type { CacheCounts, CountedCache } from '../../model/cache-counts.ts';

/** Bytes, roughly, of an entry without its key and its page. */
const COST_OF_ONE = 256;

/** The state that pages were made of: no page of an earlier one is used. */
export interface PageState {
  /** The commit version of the store. */
  readonly stamp: number;
  /** The epoch of the facts of hosts. */
  readonly epoch: number;
}

interface Pages extends PageState {
  readonly byKey: Map<string, Buffer | Promise<Buffer>>;
  bytes: number;
}

const none = (of: PageState): Pages => ({ ...of, byKey: new Map(), bytes: 0 });

/** Pages of lists as they are sent, of one state of everything that they show. */
export class PageCache implements CountedCache {
  readonly name: string;
  readonly #maxBytes: number;
  #pages = none({ stamp: Number.NaN, epoch: 0 });
  #hits = 0;
  #misses = 0;

  /** @param maxBytes when pages and keys take more than this, all are dropped */
  constructor(name: string, maxBytes: number) {
    this.name = name;
    this.#maxBytes = maxBytes;
  }

  /** The page of a key; requests that arrive while it is made share it. */
  get(state: PageState, key: string, make: () => Promise<string>): Buffer | Promise<Buffer> {
    const pages = this.#pagesAt(state);
    const known = pages.byKey.get(key);
    if (known === undefined) this.#misses++;
    else this.#hits++;
    return known ?? keep(pages, key, make);
  }

  counts(): CacheCounts {
    const { byKey, bytes } = this.#pages;
    return { entries: byKey.size, bytes, hits: this.#hits, misses: this.#misses };
  }

  #pagesAt(state: PageState): Pages {
    const { stamp, epoch, bytes } = this.#pages;
    if (stamp !== state.stamp || epoch !== state.epoch || bytes > this.#maxBytes) this.#pages = none(state);
    return this.#pages;
  }
}

async function keep(pages: Pages, key: string, make: () => Promise<string>): Promise<Buffer> {
  const making = make().then((text) => Buffer.from(text));
  pages.byKey.set(key, making);
  try {
    const made = await making;
    pages.byKey.set(key, made);
    pages.bytes += made.length + 2 * key.length + COST_OF_ONE;
    return made;
  } catch (error) {
    pages.byKey.delete(key);
    throw error;
  }
}
