import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ACTIONS, type ActionName, requireLegal } from './action.ts';
import { Failure } from './failure.ts';
import type { ServerId } from './ids.ts';
import type { Server, TaskState, VmState } from './server.ts';

const ID = '5e51a1b2-0000-4000-8000-000000000001' as ServerId;
const VM_STATES: readonly VmState[] = [
  ...(['building', 'active', 'stopped', 'paused', 'suspended', 'resized'] as const),
  ...(['rescued', 'error', 'deleted', 'soft-delete', 'shelved', 'shelved_offloaded'] as const),
];
const TASK_STATES: readonly TaskState[] = [
  ...([null, 'scheduling', 'block_device_mapping', 'networking', 'spawning'] as const),
  ...(['powering-off', 'powering-on', 'reboot_pending', 'reboot_started', 'rebooting'] as const),
  ...(['reboot_pending_hard', 'reboot_started_hard', 'rebooting_hard', 'pausing', 'unpausing'] as const),
  ...(['suspending', 'resuming', 'rescuing', 'unrescuing', 'rebuilding'] as const),
  ...(['rebuild_block_device_mapping', 'rebuild_spawning', 'resize_prep', 'resize_migrating'] as const),
  ...(['resize_migrated', 'resize_finish', 'resize_reverting', 'resize_confirming', 'migrating'] as const),
  ...(['deleting', 'soft-deleting', 'restoring', 'updating_password', 'shelving'] as const),
  ...(['shelving_offloading', 'unshelving', 'image_snapshot', 'image_pending_upload'] as const),
  'image_uploading',
];

/**
 * nova/compute/api.py check_instance_state, use by use: vm states and task states ('-': none) in which an
 * action may begin, and whether the guest must have run once.
 */
const NOVA: readonly (readonly [ActionName, vm: string, tasks: string, launched: 'launched' | 'any'])[] = [
  ['delete', 'any', 'any', 'any'],
  ['forceDelete', 'any', 'any', 'any'],
  ['stop', 'active error', '-', 'launched'],
  ['start', 'stopped', '-', 'launched'],
  ['reboot', 'active', '-', 'launched'],
  [
    'hard reboot',
    'active stopped paused suspended error',
    '- rebooting reboot_pending reboot_started resuming rebooting_hard unpausing pausing suspending',
    'launched',
  ],
  ['rebuild', 'active stopped error', '-', 'launched'],
  ['resize', 'active stopped', '-', 'launched'],
  ['confirmResize', 'resized', '-', 'launched'],
  ['revertResize', 'resized', '-', 'launched'],
  ['migrate', 'active stopped', '-', 'launched'],
  ['os-migrateLive', 'active paused', '-', 'launched'],
  ['evacuate', 'active stopped error', 'any', 'launched'],
  ['pause', 'active', '-', 'launched'],
  ['unpause', 'paused', '-', 'launched'],
  ['suspend', 'active', '-', 'launched'],
  ['resume', 'suspended', '-', 'launched'],
  ['lock', 'any', 'any', 'any'],
  ['unlock', 'any', 'any', 'any'],
  ['os-resetState', 'active stopped paused suspended error', '-', 'launched'], // Nova: in any
  ['update metadata', 'active paused suspended stopped', 'any', 'launched'],
];

/** Only what the table looks at. */
function server(of: Partial<Server>): Server {
  return { id: ID, vmState: 'active', taskState: null, locked: null, launchedAt: 1, ...of } as Server;
}

/** The 409's sentence, or undefined when the action is legal. */
function refusal(action: ActionName, of: Partial<Server>, isAdmin = false): string | undefined {
  try {
    requireLegal(action, server(of), { isAdmin });
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Failure);
    assert.equal(error.kind, 'conflict');
    return error.message;
  }
}

describe('which action is legal in which state', () => {
  it('has a row here for each action', () => {
    assert.deepEqual(NOVA.map(([action]) => action).sort(), Object.keys(ACTIONS).sort());
  });

  for (const [action, vmStates, taskStates, launched] of NOVA) {
    const spoken = action === 'hard reboot' ? 'reboot' : action;
    it(`${action}: in ${vmStates}, while ${taskStates}`, () => {
      for (const vmState of VM_STATES)
        for (const taskState of TASK_STATES) {
          const vmAllowed = vmStates === 'any' || vmStates.split(' ').includes(vmState);
          const taskAllowed = taskStates === 'any' || taskStates.split(' ').includes(taskState ?? '-');
          const state = vmAllowed ? `task_state ${taskState}` : `vm_state ${vmState}`;
          const said = `Cannot '${spoken}' instance ${ID} while it is in ${state}`;
          const label = `${vmState}, ${taskState}`;
          assert.equal(
            refusal(action, { vmState, taskState }),
            vmAllowed && taskAllowed ? undefined : said,
            label,
          );
        }
    });

    it(`${action}: ${launched === 'launched' ? 'not before the guest has run once' : 'also before the guest has run'}`, () => {
      const vmState = (vmStates === 'any' ? 'error' : vmStates.split(' ').at(-1)) as VmState;
      const said =
        launched === 'launched' ? `Instance ${ID} is in an invalid state for '${spoken}'` : undefined;
      assert.equal(refusal(action, { vmState, launchedAt: null }), said);
    });
  }
});

describe('a locked server', () => {
  const free: readonly ActionName[] = ['lock', 'unlock', 'evacuate']; // an evacuate is an administrator's, and Nova asks for no lock
  for (const locked of ['owner', 'admin'] as const)
    it(`locked by its ${locked}: nothing else, except for an administrator`, () => {
      for (const [action, vmStates] of NOVA) {
        const vmState = (vmStates === 'any' ? 'active' : vmStates.split(' ')[0]) as VmState;
        const said = free.includes(action) ? undefined : `Instance ${ID} is locked`;
        assert.equal(refusal(action, { vmState, locked }), said, action);
        assert.equal(refusal(action, { vmState, locked }, true), undefined, action);
      }
    });
});
