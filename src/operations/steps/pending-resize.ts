import { count } from '../../model/messages/primitives.ts';
import { Type } from '../../model/schema.ts';
import { inputFrom, type OperationInput } from '../engine/beginning.ts';
import { type NoInput, schemaOf } from '../engine/stored-values.ts';

interface MigrationInput {
  /** The number of the migration record; absent where no resize is pending. */
  readonly migration?: number;
}

const MIGRATION_INPUT = schemaOf<MigrationInput>({ migration: Type.Optional(count()) });

/** The input of confirm, revert and delete, which finish the migration record of the pending resize. */
export const PENDING_RESIZE: OperationInput<NoInput> = inputFrom(
  MIGRATION_INPUT,
  async ({ server: { id: serverId, vmState }, tx }) => {
    if (vmState !== 'resized') return {};
    const [row] = await tx.migrations.list({ serverId, status: 'finished' }, { limit: 1 });
    return row === undefined ? {} : { migration: row.number };
  },
);
