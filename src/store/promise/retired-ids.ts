/** An id with the kind of resource that had it. */
export interface RetiredId {
  readonly kind: 'image' | 'server';
  readonly id: string;
}

/**
 * Ids of deleted images and purged servers. No other resource may use them, because hosts may still have
 * files with these ids. They are stored for ever, apart from the id of a server that is imported again.
 */
export interface RetiredIdQueries {
  has(of: RetiredId): Promise<boolean>;
  /** The retired ones of `ids`. */
  among(kind: RetiredId['kind'], ids: readonly string[]): Promise<ReadonlySet<string>>;
}
