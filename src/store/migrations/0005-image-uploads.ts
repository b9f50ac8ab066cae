import type { Compilable } from 'kysely';
import type { StoreDialect } from '../sql/session.ts';
import { addColumns } from './tables.ts';

/**
 * Version 5: the committed upload of an image, and the one in progress. They are columns, because a running
 * replica of the previous version overwrites the body of a row, but not columns that it does not know.
 */
export function imageUploads(dialect: StoreDialect): Compilable[] {
  return addColumns(dialect, 'images', { data: 'text?', upload: 'text?' });
}
