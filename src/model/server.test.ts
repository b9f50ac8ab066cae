import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { domainNameOf, statusOf, type TaskState, type VmState, vmStatesOfStatus } from './server.ts';

/** nova/api/openstack/common.py _STATE_MAP: the word of each vm state, and the task states that change it. */
const STATUS_TABLE: readonly (readonly [VmState, word: string, Record<string, string>])[] = [
  [
    'active',
    'ACTIVE',
    {
      REBOOT: 'rebooting reboot_pending reboot_started',
      HARD_REBOOT: 'rebooting_hard reboot_pending_hard reboot_started_hard',
      PASSWORD: 'updating_password',
      REBUILD: 'rebuilding rebuild_block_device_mapping rebuild_spawning',
      MIGRATING: 'migrating',
      RESIZE: 'resize_prep resize_migrating resize_migrated resize_finish',
    },
  ],
  ['building', 'BUILD', {}],
  [
    'stopped',
    'SHUTOFF',
    {
      RESIZE: 'resize_prep resize_migrating resize_migrated resize_finish',
      REBUILD: 'rebuilding rebuild_block_device_mapping rebuild_spawning',
    },
  ],
  ['resized', 'VERIFY_RESIZE', { REVERT_RESIZE: 'resize_reverting' }],
  ['paused', 'PAUSED', { MIGRATING: 'migrating' }],
  ['suspended', 'SUSPENDED', {}],
  ['rescued', 'RESCUE', {}],
  ['error', 'ERROR', { REBUILD: 'rebuilding rebuild_block_device_mapping rebuild_spawning' }],
  ['deleted', 'DELETED', {}],
  ['soft-delete', 'SOFT_DELETED', {}],
  ['shelved', 'SHELVED', {}],
  ['shelved_offloaded', 'SHELVED_OFFLOADED', {}],
];
const OTHER_TASKS = [
  'powering-off',
  'powering-on',
  'pausing',
  'suspending',
  'scheduling',
  'deleting',
] as const;

describe('the status word', () => {
  for (const [vmState, word, byTask] of STATUS_TABLE)
    it(`of ${vmState} is ${word}`, () => {
      for (const taskState of [null, ...OTHER_TASKS]) assert.equal(statusOf({ vmState, taskState }), word);
      const all = STATUS_TABLE.flatMap(([, , tasks]) =>
        Object.values(tasks).flatMap((list) => list.split(' ')),
      );
      for (const taskState of new Set(all)) {
        const special = Object.entries(byTask).find(([, tasks]) => tasks.split(' ').includes(taskState));
        assert.equal(
          statusOf({ vmState, taskState: taskState as TaskState }),
          special?.[0] ?? word,
          taskState,
        );
      }
    });

  it('of a list filter stands for the vm states that can show it', () => {
    const words = new Set(STATUS_TABLE.flatMap(([, word, byTask]) => [word, ...Object.keys(byTask)]));
    for (const word of words) {
      const states = STATUS_TABLE.filter(([, own, byTask]) => own === word || word in byTask);
      assert.deepEqual(vmStatesOfStatus(word).sort(), states.map(([state]) => state).sort(), word);
      assert.deepEqual(vmStatesOfStatus(word.toLowerCase()), vmStatesOfStatus(word));
    }
    assert.deepEqual(vmStatesOfStatus('RUNNING'), []);
  });
});

describe("the guest's name", () => {
  it('is the number in eight hexadecimal digits', () => {
    assert.equal(domainNameOf({ number: 1 }), 'instance-00000001');
    assert.equal(domainNameOf({ number: 0xdeadbeef }), 'instance-deadbeef');
  });
});
