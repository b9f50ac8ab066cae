import type { CacheCounts, CountedCache } from '../../model/cache-counts.ts';

/** Characters, roughly, for which an empty view counts: clients choose how many views there are. */
const COST_OF_VIEW = 1024;

/** JSON text of a row. */
export interface RowText {
  /** The generation of the row that was rendered. */
  readonly generation: number;
  /** What of other rows is shown in it. */
  readonly beside: string;
  readonly text: string;
}

/** The texts of one view by the ids of their rows. */
export type Texts = ReadonlyMap<string, RowText>;

/**
 * Rows as JSON text, by view, id and generation: a list is joined from texts, and only what changed is
 * rendered. A text is used only for the generation and the other rows that it was made from, and for one
 * epoch of the facts of hosts.
 */
export class TextCache implements CountedCache {
  readonly name: string;
  readonly #maxCharacters: number;
  #views = new Map<string, Map<string, RowText>>();
  #entries = 0;
  #characters = 0;
  #epoch = 0;
  #hits = 0;
  #misses = 0;

  /** @param maxCharacters when all views together have more than this, all are dropped */
  constructor(name: string, maxCharacters: number) {
    this.name = name;
    this.#maxCharacters = maxCharacters;
  }

  /** The texts of one view, to read and to {@link add} to. */
  of(view: string, epoch: number): Texts {
    if (epoch !== this.#epoch || this.#characters > this.#maxCharacters) this.#clear(epoch);
    const known = this.#views.get(view);
    if (known !== undefined) return known;
    const made = new Map<string, RowText>();
    this.#views.set(view, made);
    this.#characters += view.length + COST_OF_VIEW;
    return made;
  }

  /** @param to what {@link of} returned; after a clearing it is no longer part of the cache */
  add(to: Texts, id: string, text: RowText): void {
    const before = to.get(id);
    this.#characters += sizeOf(text) - (before === undefined ? 0 : sizeOf(before));
    if (before === undefined) this.#entries++;
    (to as Map<string, RowText>).set(id, text);
  }

  /** Counts rows of one request. */
  count({ hits, misses }: { readonly hits: number; readonly misses: number }): void {
    this.#hits += hits;
    this.#misses += misses;
  }

  counts(): CacheCounts {
    return { entries: this.#entries, bytes: this.#characters, hits: this.#hits, misses: this.#misses };
  }

  #clear(epoch: number): void {
    this.#views = new Map();
    this.#entries = 0;
    this.#characters = 0;
    this.#epoch = epoch;
  }
}

function sizeOf({ beside, text }: RowText): number {
  return beside.length + text.length;
}
