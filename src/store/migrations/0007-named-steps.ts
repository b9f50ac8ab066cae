import { type Compilable, sql } from 'kysely';
import type { Session, StoreDialect } from '../sql/session.ts';
import { STEPS_OF_0_1, STEPS_OF_NOTES } from './0007-steps-of-0.1.ts';
import type { Rewriting } from './migration.ts';
import { addColumns } from './tables.ts';

/**
 * Version 7: operations name the step that they are at, keep what each step found out by the step's name, and
 * the version of their kind. The columns of the version before go: a replica of it that still runs on the
 * same database can read no operation wrongly, since each of its writes fails.
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

/** A row of the version before. */
export interface IndexedRow {
  readonly number: number;
  readonly kind: string;
  readonly state: string;
  readonly step: number;
  readonly notes: string;
}

/** Rows that are read at once. */
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
 * What a row says by names. A kind that 0.1 did not have gets a step that no release has: it is left alone,
 * and not guessed. Pure.
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

/** Before 0.1 an entry was noted as the decision alone: it was always one that waits. */
function withEffect({ decided: _, ...entry }: Record<string, unknown>) {
  return { effect: 'pending', ...entry };
}
