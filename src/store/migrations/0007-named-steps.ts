import { type Compilable, sql } from 'kysely';
import type { Session, StoreDialect } from '../sql/session.ts';
import { STEPS_OF_0_1, STEPS_OF_NOTES } from './0007-steps-of-0.1.ts';
import type { Rewriting } from './migration.ts';
import { addColumns } from './tables.ts';

/**
 * Version 7: operations name their current step, keep outputs by step name, and have the version of their
 * kind. The columns of the previous version are dropped. A running replica of that version then fails on
 * every write, and cannot misread an operation.
 */
export function namedSteps(dialect: StoreDialect): (Compilable | Rewriting)[] {
  const { schema } = dialect.db;
  return [
    ...addColumns(dialect, 'operations', {
      version: ['integer', sql`1`],
      step_name: 'text?',
      outputs: ['text', sql`'{}'`],
      not_undone: ['text', sql`'[]'`],
      not_understood: 'text?',
    }),
    ...addColumns(dialect, 'operation_log', { tries: ['integer', sql`1`] }),
    rewriteOperations,
    schema.alterTable('operations').dropColumn('step'),
    schema.alterTable('operations').dropColumn('notes'),
  ];
}

/** A row of the previous version. */
export interface IndexedRow {
  readonly number: number;
  readonly kind: string;
  readonly state: string;
  readonly step: number;
  readonly notes: string;
}

/** Rows read at once. */
const BATCH = 500;

async function rewriteOperations(session: Session): Promise<void> {
  for (let last = 0; ; ) {
    const rows = (await session.all(
      sql`select number, kind, state, step, notes from operations where number > ${last} order by number limit ${BATCH}`.compile(
        session.dialect.db,
      ),
    )) as IndexedRow[];
    for (const row of rows) {
      const { stepName, outputs, notUndone } = named(row);
      await session.all(
        sql`update operations set step_name = ${stepName}, outputs = ${JSON.stringify(outputs)},
          not_undone = ${JSON.stringify(notUndone)} where number = ${row.number}`.compile(session.dialect.db),
      );
    }
    const end = rows.at(-1);
    if (end === undefined || rows.length < BATCH) return;
    last = end.number;
  }
}

/**
 * Converts step indexes to names. An operation of a kind that 0.1 did not have gets a step name that no
 * release knows: every replica leaves it alone. Pure.
 */
export function named({ kind, state, step, notes }: IndexedRow) {
  const steps = STEPS_OF_0_1[kind];
  const ended = state === 'done' || state === 'undone';
  const atEnd = state === 'running' ? step === steps?.length : step < 0;
  const stepName = ended || atEnd ? null : (steps?.[step] ?? `step ${step} of release 0.1`);
  const found = JSON.parse(notes) as Record<string, unknown>;
  const notUndone = Object.keys(found)
    .filter((note) => note.startsWith('left by '))
    .map((note) => note.slice('left by '.length));
  const done = state === 'running' ? step : 0;
  const outputs: Record<string, unknown> = {};
  for (const name of steps?.slice(0, done) ?? []) outputs[name] = null;
  for (const [note, value] of Object.entries(found)) {
    const name = STEPS_OF_NOTES[note]?.find((each) => steps?.includes(each));
    if (name === undefined) continue;
    const kept = note === 'pendingSerial' ? withEffect(value as Record<string, unknown>) : value;
    outputs[name] = { ...(outputs[name] as object | null), [note]: kept };
  }
  return { stepName, outputs, notUndone };
}

/** Releases before 0.1 stored an entry as the decision alone. Such an entry was always pending. */
function withEffect({ decided: _, ...entry }: Record<string, unknown>) {
  return { effect: 'pending', ...entry };
}
