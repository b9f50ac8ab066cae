import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config/declared.ts';
import { Failure } from '../model/failure.ts';
import { POINT_IN_TIME, parsePointInTime } from '../model/point-in-time.ts';
import type { PurgedTable } from '../store/promise/purge.ts';
import type { Store } from '../store/promise/store.ts';
import { type PurgeOrder, purge } from '../store/purge.ts';
import type { DbArguments } from './arguments.ts';
import { columns } from './columns.ts';
import { withStore } from './configured-store.ts';
import { openRowArchive } from './row-archive.ts';
import { foldersOf, load } from './running.ts';
import { lockState } from './state-lock.ts';
import type { Terminal } from './terminal.ts';

/** nova/cmd/manage.py DbCommands.archive_deleted_rows. */
const ARCHIVED = { nothing: 0, some: 1, badMaxRows: 2, badBefore: 4 } as const;
/** nova/cmd/manage.py DbCommands.purge. */
const PURGED = { some: 0, missing: 1, badBefore: 2, badMaxRows: 2, nothing: 3 } as const;
/** The default of Nova's `archive_deleted_rows`. */
const MAX_ROWS = 1_000;
/** Interval of progress messages of a long purge. Milliseconds. */
const PROGRESS_MS = 2_000;
/** Pause between two steps of reclaiming space, which block writers. Milliseconds. */
const PAUSE_MS = 5;

type Removed = ReadonlyMap<PurgedTable, number>;

/** Moves old rows from the database to a file. @returns the exit status of nova-manage */
export async function dbArchive(asked: DbArguments, terminal: Terminal): Promise<number> {
  const refuse = refusing(terminal);
  const { maxRows: written = String(MAX_ROWS), before: date, untilComplete } = asked;
  const maxRows = countOf(written);
  if (maxRows === undefined)
    return refuse(`--max-rows ${written}: accepted is a whole number from 1`, ARCHIVED.badMaxRows);
  const before = date === undefined ? Date.now() : parsePointInTime(date);
  if (before === undefined)
    return refuse(`--before ${date}: accepted is ${POINT_IN_TIME}`, ARCHIVED.badBefore);
  const { config } = load(asked);
  const path = asked.to ?? defaultArchive(config);
  const archive = openRowArchive(path);
  try {
    const removed = await withStore(config, (store) =>
      purge(store, {
        ...{
          before,
          dryRun: asked.dryRun,
          keep: archive.keep,
          onProgress: progressPrinter('archived', terminal),
        },
        ...(untilComplete ? {} : { maxRows }),
      }),
    );
    report(terminal, removed, { ...asked, done: `archived to ${path}`, wouldBe: 'archived' });
    return removed.size === 0 || asked.dryRun ? ARCHIVED.nothing : ARCHIVED.some;
  } finally {
    await archive.close();
  }
}

/** Removes old rows for ever, and reclaims their space. @returns the exit status of nova-manage */
export async function dbPurge(asked: DbArguments, terminal: Terminal): Promise<number> {
  const refuse = refusing(terminal);
  const { maxRows: written, before: date, all } = asked;
  if (!all && date === undefined)
    return refuse('nameplate db purge needs --before DATE or --all', PURGED.missing);
  const before = date === undefined ? Date.now() : parsePointInTime(date);
  if (before === undefined) return refuse(`--before ${date}: accepted is ${POINT_IN_TIME}`, PURGED.badBefore);
  const maxRows = written === undefined ? undefined : countOf(written);
  if (written !== undefined && maxRows === undefined)
    return refuse(`--max-rows ${written}: accepted is a whole number from 1`, PURGED.badMaxRows);
  const { config } = load(asked);
  return withStore(config, async (store) => {
    const order: PurgeOrder = {
      before,
      dryRun: asked.dryRun,
      onProgress: progressPrinter('purged', terminal),
    };
    const removed = await purge(store, { ...order, ...(maxRows === undefined ? {} : { maxRows }) });
    report(terminal, removed, { ...asked, done: 'purged', wouldBe: 'purged' });
    if (!asked.dryRun) await giveSpaceBack({ store, config, terminal });
    return removed.size === 0 ? PURGED.nothing : PURGED.some;
  });
}

async function giveSpaceBack({
  store,
  config,
  terminal,
}: {
  readonly store: Store;
  readonly config: Config;
  readonly terminal: Terminal;
}): Promise<void> {
  if (store.rebuild === undefined) {
    while (await store.reclaimSpace()) await pause(PAUSE_MS);
    return;
  }
  const unlock: (() => void)[] = [];
  try {
    for (const folder of await foldersOf(config)) unlock.push(lockState(folder));
    terminal.err(
      'The file of the database is written anew, once, so that it can give space back from now on.',
    );
    await store.rebuild();
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'conflict') throw error;
    terminal.err(
      'The file of the database keeps its size: an earlier version made it, so it has to be written anew once, and a service that runs would wait for that. Stop the service and run this command again.',
    );
  } finally {
    for (const each of unlock) each();
  }
}

function report(
  { out }: Terminal,
  removed: Removed,
  { verbose, dryRun, done, wouldBe }: DbArguments & { readonly done: string; readonly wouldBe: string },
): void {
  const rows = sumOf(removed);
  if (verbose && rows > 0)
    out(columns([['TABLE', 'ROWS'], ...[...removed].map(([table, count]) => [table, String(count)])]));
  if (rows === 0) out(`Nothing was ${dryRun ? 'found that would be ' : ''}${wouldBe}.\n`);
  else out(`${rows} rows ${dryRun ? `would be ${wouldBe}` : `were ${done}`}.\n`);
}

/** Prints the progress of a long purge on standard error. */
function progressPrinter(done: string, { err }: Terminal): (removed: Removed) => void {
  let last = performance.now();
  return (removed) => {
    if (performance.now() - last < PROGRESS_MS) return;
    last = performance.now();
    err(`${sumOf(removed)} rows ${done} so far`);
  };
}

function sumOf(removed: Removed): number {
  return [...removed.values()].reduce((sum, rows) => sum + rows, 0);
}

function countOf(written: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(written) ? Number(written) : undefined;
}

function defaultArchive({ DEFAULT: { state_path: stateDir } }: Config): string {
  const name = new Date().toISOString().replace(/\.\d+/, '').replaceAll(':', '');
  return join(stateDir, 'archive', `rows-${name}.jsonl`);
}

function refusing({ err }: Terminal): (sentence: string, status: number) => number {
  return (sentence, status) => {
    err(`nameplate: ${sentence}`);
    return status;
  };
}
