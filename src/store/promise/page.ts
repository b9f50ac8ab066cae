/** A page: at most `limit` rows after the row with id `marker`. */
export interface Page {
  readonly limit: number;
  readonly marker?: string;
  /**
   * Refuses a deleted marker, in a list without deleted rows. By default a deleted marker still marks a
   * position, so that a client can read a list page by page although rows are deleted meanwhile.
   */
  readonly refuseDeletedMarker?: true;
  /**
   * Columns to sort by, most significant first; nulls come first. Ties are broken in the direction of the
   * first column: servers by their number (Nova's integer id), other rows by id.
   */
  readonly sort?: readonly { readonly key: string; readonly direction: 'asc' | 'desc' }[];
}

export interface TimeBound {
  readonly operator: 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';
  /** Epoch milliseconds */
  readonly at: number;
}
