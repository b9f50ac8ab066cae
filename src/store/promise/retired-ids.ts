/** What an id was given to. */
export interface RetiredId {
  readonly kind: 'image' | 'server';
  readonly id: string;
}

/**
 * Ids of what is no longer there and that nothing else may take: those of deleted images and of purged
 * servers. Hosts may still hold files by these ids. They are kept for good.
 */
export interface RetiredIdQueries {
  has(of: RetiredId): Promise<boolean>;
  /** Those of `ids` that are retired. */
  among(kind: RetiredId['kind'], ids: readonly string[]): Promise<ReadonlySet<string>>;
}
