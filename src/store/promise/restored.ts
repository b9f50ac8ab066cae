/** Whether the database was restored from a backup and has not been compared with the hosts since. */
export interface RestoredQueries {
  /**
   * When it was restored, ISO 8601. Undefined if it was not, or if an operator has confirmed the comparison.
   */
  at(): Promise<string | undefined>;
  set(at: string): Promise<void>;
  /** @returns whether a restore was waiting for the confirmation */
  confirm(): Promise<boolean>;
}
