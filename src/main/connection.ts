import type { Config } from '../config/declared.ts';

/** Input of `openStore`. */
export function connectionOf({ database: { connection } }: Config): string {
  return connection.dialect === 'sqlite' ? `sqlite:///${connection.path}` : connection.url;
}
