/** The size of a cache, with its hits and misses since the start of the process. */
export interface CacheCounts {
  readonly entries: number;
  /** Approximate bytes; null where only the number of entries is limited, or nothing grows. */
  readonly bytes: number | null;
  readonly hits: number;
  readonly misses: number;
}

/** A cache that counts. */
export interface CountedCache {
  /** The name in the Nameplate API: `server-pages`. */
  readonly name: string;
  counts(): CacheCounts;
}
