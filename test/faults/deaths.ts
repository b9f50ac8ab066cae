import { KINDS_BY_NAME, type OperationName } from '../../src/operations/kinds/operation-kinds.ts';
import type { MoveName } from '../lab/operation-cases.ts';
import type { Order } from './mortal-service.ts';

type Action = Record<string, unknown>;
/** What is asked of a server: an action, `create` or `delete`; and the status in which it then rests. */
type Request = readonly [ask: Action | 'create' | 'delete', status: string];

/** An operation, and what is done before it. */
export interface Death {
  readonly kind: OperationName;
  readonly before: readonly Request[];
  readonly request: Request;
}

const create: Request = ['create', 'ACTIVE'];
const stop: Request = [{ 'os-stop': null }, 'SHUTOFF'];
const resize: Request = [{ resize: { flavorRef: '2' } }, 'VERIFY_RESIZE'];

/**
 * Every operation on one host: one without an entry does not compile. Moves are killed in
 * `moves-of-a-cloud.test.ts`.
 */
const DEATH_OF = {
  'create-server': { before: [], request: create },
  'delete-server': { before: [create], request: ['delete', 'gone'] },
  'hard-reboot-server': { before: [create], request: [{ reboot: { type: 'HARD' } }, 'ACTIVE'] },
  'rebuild-server': { before: [create], request: [{ rebuild: { imageRef: 'nameplate-demo' } }, 'ACTIVE'] },
  'resize-server': { before: [create], request: resize },
  'confirm-resize': { before: [create, resize], request: [{ confirmResize: null }, 'ACTIVE'] },
  'revert-resize': { before: [create, resize], request: [{ revertResize: null }, 'ACTIVE'] },
  'soft-reboot-server': { before: [create], request: [{ reboot: { type: 'SOFT' } }, 'ACTIVE'] },
  'stop-server': { before: [create], request: stop },
  'start-server': { before: [create, stop], request: [{ 'os-start': null }, 'ACTIVE'] },
  'pause-server': { before: [create], request: [{ pause: null }, 'PAUSED'] },
  'unpause-server': { before: [create, [{ pause: null }, 'PAUSED']], request: [{ unpause: null }, 'ACTIVE'] },
  'suspend-server': { before: [create], request: [{ suspend: null }, 'SUSPENDED'] },
  'resume-server': { before: [create, [{ suspend: null }, 'SUSPENDED']], request: [{ resume: null }, 'ACTIVE'] },
} satisfies Record<Exclude<OperationName, MoveName>, Omit<Death, 'kind'>>; // biome-ignore format: a table

export const DEATHS: readonly Death[] = Object.entries(DEATH_OF).map(([kind, death]) => ({
  kind: kind as keyof typeof DEATH_OF,
  ...death,
}));

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
