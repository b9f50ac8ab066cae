import { OPERATION_KINDS } from '../../src/operations/requests/service.ts';
import type { Order } from './mortal-service.ts';

type Action = Record<string, unknown>;
/** What is asked of a server: an action, `create` or `delete`; and the status in which it then rests. */
type Request = readonly [ask: Action | 'create' | 'delete', status: string];

/** An operation, and what is done before it. */
export interface Death {
  readonly kind: (typeof OPERATION_KINDS)[number]['kind'];
  readonly before: readonly Request[];
  readonly request: Request;
}

const create: Request = ['create', 'ACTIVE'];
const stop: Request = [{ 'os-stop': null }, 'SHUTOFF'];
const resize: Request = [{ resize: { flavorRef: '2' } }, 'VERIFY_RESIZE'];

/** Every operation. */
export const DEATHS: readonly Death[] = [
  { kind: 'create-server', before: [], request: create },
  { kind: 'delete-server', before: [create], request: ['delete', 'gone'] },
  { kind: 'hard-reboot-server', before: [create], request: [{ reboot: { type: 'HARD' } }, 'ACTIVE'] },
  { kind: 'rebuild-server', before: [create], request: [{ rebuild: { imageRef: 'nameplate-demo' } }, 'ACTIVE'] },
  { kind: 'resize-server', before: [create], request: resize },
  { kind: 'confirm-resize', before: [create, resize], request: [{ confirmResize: null }, 'ACTIVE'] },
  { kind: 'revert-resize', before: [create, resize], request: [{ revertResize: null }, 'ACTIVE'] },
  { kind: 'soft-reboot-server', before: [create], request: [{ reboot: { type: 'SOFT' } }, 'ACTIVE'] },
  { kind: 'stop-server', before: [create], request: stop },
  { kind: 'start-server', before: [create, stop], request: [{ 'os-start': null }, 'ACTIVE'] },
  { kind: 'pause-server', before: [create], request: [{ pause: null }, 'PAUSED'] },
  { kind: 'unpause-server', before: [create, [{ pause: null }, 'PAUSED']], request: [{ unpause: null }, 'ACTIVE'] },
  { kind: 'suspend-server', before: [create], request: [{ suspend: null }, 'SUSPENDED'] },
  { kind: 'resume-server', before: [create, [{ suspend: null }, 'SUSPENDED']], request: [{ resume: null }, 'ACTIVE'] },
]; // biome-ignore format: a table

/** Those that are ended at every boundary; the others, whose every crash `operations/saga-laws.test.ts` plays without a process, at one. */
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
  return OPERATION_KINDS.find((each) => each.kind === kind)!.steps.map(({ name }) => name);
}

/** Every boundary of an operation that goes well, first to last. */
function boundariesOf(kind: Death['kind']): Order[] {
  const done = stepsOf(kind).map((name) => `step done: ${name}`);
  return ['begun', ...done, 'end'].map((boundary) => ({ kind, boundary }));
}

/** Every boundary from where one of its steps fails: there it turns back. */
export function boundariesBack(kind: Death['kind'], failing: string): Order[] {
  const steps = stepsOf(kind);
  const undone = steps.slice(0, steps.indexOf(failing) + 1).reverse();
  const boundaries = [`step failed: ${failing}`, ...undone.map((name) => `step undone: ${name}`), 'end'];
  return boundaries.map((boundary) => ({ kind, boundary }));
}
