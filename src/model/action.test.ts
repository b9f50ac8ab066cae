import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NOVA_ACTIONS } from '../../test/lab/nova-actions.ts';
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

/** Where this service deliberately differs from Nova. */
const DIFFERENT: Partial<Record<string, Partial<(typeof NOVA_ACTIONS)[string]>>> = {
  // Nova allows it in any state: see `operations/requests/reset-state.ts`.
  'os-resetState': { vm: 'active stopped paused suspended error', task: '-', launched: true, lock: true },
};

const BUILT = (Object.keys(ACTIONS) as ActionName[]).map((action) => {
  const nova = NOVA_ACTIONS[action];
  assert.ok(nova, `${action} is an action of Nova`);
  return { action, ...nova, ...DIFFERENT[action] };
});

/** Actions that Nova's 409 calls by another name. */
const SPOKEN: Partial<Record<ActionName, string>> = {
  'hard reboot': 'reboot',
  'attach interface': 'attach_interface',
  'detach interface': 'detach_interface',
};

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
  for (const { action, vm: vmStates, task: taskStates, launched } of BUILT) {
    const spoken = SPOKEN[action] ?? action;
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

    it(`${action}: ${launched ? 'not before the guest has run once' : 'also before the guest has run'}`, () => {
      const vmState = (vmStates === 'any' ? 'error' : vmStates.split(' ').at(-1)) as VmState;
      const said = launched ? `Instance ${ID} is in an invalid state for '${spoken}'` : undefined;
      assert.equal(refusal(action, { vmState, launchedAt: null }), said);
    });
  }
});

describe('a locked server', () => {
  for (const locked of ['owner', 'admin'] as const)
    it(`locked by its ${locked}: nothing else than Nova allows, except for an administrator`, () => {
      for (const { action, vm, lock } of BUILT) {
        const vmState = (vm === 'any' ? 'active' : vm.split(' ')[0]) as VmState;
        const said = lock ? `Instance ${ID} is locked` : undefined;
        assert.equal(refusal(action, { vmState, locked }), said, action);
        assert.equal(refusal(action, { vmState, locked }, true), undefined, action);
      }
    });
});
