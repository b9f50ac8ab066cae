/** What a cache holds, and how often it had what was asked for, since its process started. */
export interface CacheCounts {
  readonly entries: number;
  /** Bytes, roughly; null where only the entries are bounded, or nothing grows. */
  readonly bytes: number | null;
  readonly hits: number;
  readonly misses: number;
}

/** A cache that counts. */
export interface CountedCache {
  /** As the Nameplate API names it: `server-pages`. */
  readonly name: string;
  counts(): CacheCounts;
}
