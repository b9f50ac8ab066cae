import type { Compilable } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';
import { addColumns } from './tables.ts';

/**
 * Version 5: which upload an image's data is of, and which one is under way. Columns, for a replica of the
 * version before that still runs writes the body of a row anew, but no column that it does not know.
 */
export function imageUploads(dialect: StoreDialect): Compilable[] {
  return addColumns(dialect, 'images', { data: 'text?', upload: 'text?' });
}
