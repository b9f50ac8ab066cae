import { Failure } from '../model/failure.ts';
import type { OperationId, ServerId } from '../model/ids.ts';
import type { Operation, OperationState } from '../model/operation.ts';
import { historyOf, type StepHistory } from '../model/operation-history.ts';
import { POINT_IN_TIME, parsePointInTime } from '../model/point-in-time.ts';
import type { ConfigArguments, OperationListArguments } from './arguments.ts';
import { columns } from './columns.ts';
import { withStore } from './configured-store.ts';
import { load } from './running.ts';
import type { Terminal } from './terminal.ts';

export interface OperationShowArguments extends ConfigArguments {
  readonly id: string;
}

const USUAL_LIMIT = 50;
const STATES: readonly OperationState[] = ['running', 'unwinding', 'done', 'undone'];

/** Prints operations from the store, newest first. @throws {Failure} `invalid` */
export async function operationList(asked: OperationListArguments, terminal: Terminal): Promise<void> {
  const { server, kind, limit: written = String(USUAL_LIMIT) } = asked;
  const state = asked.state === undefined ? undefined : STATES.find((each) => each === asked.state);
  if (state === undefined && asked.state !== undefined)
    throw new Failure('invalid', `--state ${asked.state}: accepted are ${STATES.join(', ')}`);
  const limit = /^[1-9]\d{0,5}$/.test(written) ? Number(written) : undefined;
  if (limit === undefined)
    throw new Failure('invalid', `--limit ${written}: accepted is a whole number from 1 to 999999`);
  const filter = {
    ...(server !== undefined && { server: server.toLowerCase() as ServerId }),
    ...(state !== undefined && { state }),
    ...(kind !== undefined && { kind }),
    ...(asked.since !== undefined && { since: timeOf(asked.since) }),
  };
  const found = await withStore(load(asked).config, ({ operations }) => operations.list(filter, { limit }));
  const rows = found.map((each) => [
    each.id,
    each.kind,
    each.serverId,
    each.state,
    each.step ?? '-',
    stamp(each.updatedAt),
    (each.notUnderstood ?? each.failure?.message ?? '').split('\n', 1)[0] ?? '',
  ]);
  terminal.out(columns([['ID', 'KIND', 'SERVER', 'STATE', 'STEP', 'CHANGED', 'WHY'], ...rows]));
}

/** Prints one operation with its steps. @throws {Failure} `not-found` */
export async function operationShow(asked: OperationShowArguments, terminal: Terminal): Promise<void> {
  await withStore(load(asked).config, async ({ operations }) => {
    const operation = await operations.find(asked.id as OperationId);
    if (operation === undefined) throw new Failure('not-found', `Operation ${asked.id} could not be found.`);
    const history = historyOf(operation, await operations.logOf(operation.id));
    terminal.out(
      `${summaryOf(operation)}\n${columns([STEP_HEADER, ...history.map(stepRow)])}${failuresOf(history)}`,
    );
  });
}

function timeOf(since: string): number {
  const at = parsePointInTime(since);
  if (at !== undefined) return at;
  throw new Failure('invalid', `--since ${since.slice(0, 64)}: accepted is ${POINT_IN_TIME}`);
}

const STEP_HEADER = ['STEP', 'PHASE', 'OUTCOME', 'STARTED', 'SECONDS', 'TRIES'];

function stepRow({ step, phase, outcome, startedAt, finishedAt, tries }: StepHistory): string[] {
  const seconds = finishedAt === null ? '-' : ((finishedAt - startedAt) / 1000).toFixed(1);
  return [step, phase, outcome ?? 'under way', stamp(startedAt), seconds, String(tries)];
}

function summaryOf({ failure, ...operation }: Operation): string {
  const lines = [
    ['operation', operation.id],
    ['kind', `${operation.kind}, version ${operation.version}`],
    ['server', operation.serverId],
    ['state', operation.state],
    ['request', operation.requestId],
    ['owner', operation.owner],
    ['began', stamp(operation.createdAt)],
    ['changed', stamp(operation.updatedAt)],
    ...(failure === null ? [] : [['failure', `${failure.kind}: ${failure.operatorText}`]]),
    ...(operation.notUndone.length === 0 ? [] : [['not undone', operation.notUndone.join(', ')]]),
    ...(operation.notUnderstood === null ? [] : [['not understood', operation.notUnderstood]]),
  ];
  return columns(lines);
}

function failuresOf(history: readonly StepHistory[]): string {
  const lines = history.flatMap(({ step, phase, failures }) =>
    failures.map(({ at, tries, why }) => `${stamp(at)} ${step} (${phase}), try ${tries}: ${why ?? ''}`),
  );
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
}

function stamp(ms: number): string {
  return new Date(ms).toISOString();
}
