/** Whether the database was restored from a backup that nobody has compared with the hosts yet. */
export interface RestoredQueries {
  /** When it was restored, ISO 8601; undefined when it was not, or somebody has confirmed it. */
  at(): Promise<string | undefined>;
  set(at: string): Promise<void>;
  /** @returns whether there was something to confirm */
  confirm(): Promise<boolean>;
}
