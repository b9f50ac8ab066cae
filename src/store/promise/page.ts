/** A page: at most `limit` rows after the row with id `marker`. */
export interface Page {
  readonly limit: number;
  readonly marker?: string;
  /**
   * Refuses a marker that was deleted, where the list has no deleted rows. Otherwise it is a place still:
   * reading a list to its end page by page must not fail over a row that was deleted meanwhile.
   */
  readonly refuseDeletedMarker?: true;
  /**
   * Columns to sort by, most significant first; nulls come before everything else. Ties are broken in the
   * direction of the first column: among servers by which was made first (Nova's integer id), else by the id.
   */
  readonly sort?: readonly { readonly key: string; readonly direction: 'asc' | 'desc' }[];
}

export interface TimeBound {
  readonly operator: 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';
  /** Epoch milliseconds */
  readonly at: number;
}
