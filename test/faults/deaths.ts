import { statusOf } from '../../src/model/server.ts';
import { KINDS_BY_NAME, type OperationName } from '../../src/operations/kinds/operation-kinds.ts';
import { type ApiRequest, preparation } from '../lab/case-request.ts';
import { OPERATION_CASES } from '../lab/operation-cases.ts';
import type { Order } from './mortal-service.ts';

/** A request, and the status in which the server then rests. */
type Request = readonly [request: ApiRequest, status: string];

/** An operation, and what is done before it. */
export interface Death {
  readonly kind: OperationName;
  readonly before: readonly Request[];
  readonly request: Request;
}

const KINDS = [...new Set(OPERATION_CASES.map(({ kind }) => kind))];

/**
 * Every operation on one host, begun as in its first case. Moves are killed in `moves-of-a-cloud.test.ts`.
 */
export const DEATHS: readonly Death[] = KINDS.map((kind) => {
  const { from, ask, way } = OPERATION_CASES.find((each) => each.kind === kind)!;
  return {
    kind,
    before: from === null ? [] : [['create', 'ACTIVE'], ...from.map(preparation)],
    request: [ask.request, restsIn(way[0])],
  };
});

function restsIn(vmState: Parameters<typeof statusOf>[0]['vmState']): string {
  return vmState === 'deleted' ? 'gone' : statusOf({ vmState, taskState: null });
}

/**
 * Those that are ended at every boundary; the others, whose every crash `operations/saga-laws.test.ts` plays
 * without a process, at one.
 */
const EVERYWHERE: readonly Death['kind'][] = [
  'create-server',
  'rebuild-server',
  'resize-server',
  'hard-reboot-server',
  'delete-server',
];

/** The boundaries at which an operation that goes well is ended, first to last. */
export function boundariesForward(kind: Death['kind']): Order[] {
  const all = boundariesOf(kind);
  return EVERYWHERE.includes(kind) ? all : all.slice(1, 2);
}

function stepsOf(kind: Death['kind']): string[] {
  return KINDS_BY_NAME.get(kind)!.steps.map(({ name }) => name);
}

/** Every boundary of an operation that goes well, first to last. Its last step is done with its end. */
function boundariesOf(kind: Death['kind']): Order[] {
  const done = stepsOf(kind)
    .slice(0, -1)
    .map((name) => `step done: ${name}`);
  return ['begun', ...done, 'end'].map((boundary) => ({ kind, boundary }));
}

/** Every boundary from where one of its steps fails: there it turns back. */
export function boundariesBack(kind: Death['kind'], failing: string): Order[] {
  const steps = stepsOf(kind);
  const undone = steps.slice(0, steps.indexOf(failing) + 1).reverse();
  const boundaries = [`step failed: ${failing}`, ...undone.map((name) => `step undone: ${name}`), 'end'];
  return boundaries.map((boundary) => ({ kind, boundary }));
}
