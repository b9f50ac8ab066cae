import { Failure } from './failure.ts';
import type { Server, TaskState, VmState } from './server.ts';

interface Rule {
  /** The VM states in which the action may begin. */
  readonly vmStates: readonly VmState[] | 'any';
  /** The task states in which the action may begin; by default only null. */
  readonly taskStates?: readonly TaskState[] | 'any';
  /** Refuses the action with 409 on a locked server, except for administrators. */
  readonly refusedWhenLocked: boolean;
  /** Allows the action on a server whose guest has never run. */
  readonly beforeLaunch?: true;
}

const HARD_REBOOT_TASKS: readonly TaskState[] = [
  null, 'rebooting', 'reboot_pending', 'reboot_started', 'resuming', 'rebooting_hard', 'unpausing', 'pausing', 'suspending',
]; // biome-ignore format: one list

/**
 * Which action is legal in which state (nova/compute/api.py check_instance_state). No other place decides
 * this. The keys are the API's action names.
 */
export const ACTIONS = {
  delete: { vmStates: 'any', taskStates: 'any', refusedWhenLocked: true, beforeLaunch: true },
  forceDelete: { vmStates: 'any', taskStates: 'any', refusedWhenLocked: true, beforeLaunch: true },
  stop: { vmStates: ['active', 'error'], refusedWhenLocked: true },
  start: { vmStates: ['stopped'], refusedWhenLocked: true },
  reboot: { vmStates: ['active'], refusedWhenLocked: true },
  'hard reboot': {
    vmStates: ['active', 'stopped', 'paused', 'suspended', 'error'],
    taskStates: HARD_REBOOT_TASKS,
    refusedWhenLocked: true,
  },
  rebuild: { vmStates: ['active', 'stopped', 'error'], refusedWhenLocked: true },
  resize: { vmStates: ['active', 'stopped'], refusedWhenLocked: true },
  confirmResize: { vmStates: ['resized'], refusedWhenLocked: true },
  revertResize: { vmStates: ['resized'], refusedWhenLocked: true },
  migrate: { vmStates: ['active', 'stopped'], refusedWhenLocked: true },
  'os-migrateLive': { vmStates: ['active', 'paused'], refusedWhenLocked: true },
  evacuate: { vmStates: ['active', 'stopped', 'error'], taskStates: 'any', refusedWhenLocked: false },
  pause: { vmStates: ['active'], refusedWhenLocked: true },
  unpause: { vmStates: ['paused'], refusedWhenLocked: true },
  suspend: { vmStates: ['active'], refusedWhenLocked: true },
  resume: { vmStates: ['suspended'], refusedWhenLocked: true },
  trigger_crash_dump: {
    vmStates: ['active', 'paused', 'rescued', 'resized', 'error'],
    refusedWhenLocked: true,
  },
  'attach interface': { vmStates: ['active', 'paused', 'stopped'], refusedWhenLocked: true },
  'detach interface': { vmStates: ['active', 'paused', 'stopped'], refusedWhenLocked: true },
  lock: { vmStates: 'any', taskStates: 'any', refusedWhenLocked: false, beforeLaunch: true },
  unlock: { vmStates: 'any', taskStates: 'any', refusedWhenLocked: false, beforeLaunch: true },
  'os-resetState': {
    vmStates: ['active', 'stopped', 'paused', 'suspended', 'error'],
    refusedWhenLocked: true,
  },
  'update metadata': {
    vmStates: ['active', 'paused', 'suspended', 'stopped'],
    taskStates: 'any',
    refusedWhenLocked: true,
  },
} as const satisfies Record<string, Rule>;

export type ActionName = keyof typeof ACTIONS;

/** The fields of a server that decide which actions are legal. */
type ServerState = Pick<Server, 'id' | 'vmState' | 'taskState' | 'locked' | 'launchedAt'>;

/** The name of an action in Nova's 409, where it differs. */
const ACTION_NAMES_IN_MESSAGES: Partial<Record<ActionName, string>> = {
  'hard reboot': 'reboot',
  'attach interface': 'attach_interface',
  'detach interface': 'detach_interface',
};

/**
 * Refuses an action that the server's state does not allow.
 * @throws {Failure} `conflict`, with Nova's sentence.
 */
export function requireLegal(action: ActionName, server: ServerState, caller: { isAdmin: boolean }): void {
  const rule: Rule = ACTIONS[action];
  if (rule.refusedWhenLocked) requireUnlocked(server, caller);
  const spoken = ACTION_NAMES_IN_MESSAGES[action] ?? action;
  if (rule.vmStates !== 'any' && !rule.vmStates.includes(server.vmState))
    throw illegal(spoken, server, `vm_state ${server.vmState}`);
  const tasks = rule.taskStates ?? [null];
  if (tasks !== 'any' && !tasks.includes(server.taskState))
    throw illegal(spoken, server, `task_state ${server.taskState}`);
  if (server.launchedAt === null && rule.beforeLaunch !== true)
    throw new Failure('conflict', `Instance ${server.id} is in an invalid state for '${spoken}'`);
}

/**
 * Refuses what may be done in every state, but not to a locked server.
 * @throws {Failure} `conflict`, with Nova's sentence
 */
export function requireUnlocked(
  { id, locked }: Pick<Server, 'id' | 'locked'>,
  caller: { isAdmin: boolean },
): void {
  if (locked !== null && !caller.isAdmin) throw new Failure('conflict', `Instance ${id} is locked`);
}

function illegal(spoken: string, server: ServerState, state: string): Failure {
  return new Failure('conflict', `Cannot '${spoken}' instance ${server.id} while it is in ${state}`);
}
