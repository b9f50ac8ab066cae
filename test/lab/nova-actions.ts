/** When Nova lets an action begin: words apart by spaces; `any` for all, `-` for no task state. */
interface NovaAction {
  readonly vm: string;
  readonly task: string;
  /** Only after the guest has run once. */
  readonly launched: boolean;
  /** Refused while the server is locked. */
  readonly lock: boolean;
}

const REBOOTING =
  '- rebooting reboot_pending reboot_started resuming rebooting_hard unpausing pausing suspending';

function usual(vm: string, other: Partial<NovaAction> = {}): NovaAction {
  return { vm, task: '-', launched: true, lock: true, ...other };
}

const always = usual('any', { task: 'any', launched: false });
const unlocked = { lock: false } as const;

/**
 * Every server action of Nova by its name in the API (nova/compute/api.py check_instance_state), whether
 * Nameplate has it or not. Tests compare Nameplate's own table with this one.
 */
export const NOVA_ACTIONS: Readonly<Record<string, NovaAction>> = {
  delete: always,
  forceDelete: always,
  restore: usual('soft-delete'),
  stop: usual('active error'),
  start: usual('stopped'),
  reboot: usual('active'),
  'hard reboot': usual('active stopped paused suspended error', { task: REBOOTING }),
  pause: usual('active'),
  unpause: usual('paused'),
  suspend: usual('active'),
  resume: usual('suspended'),
  trigger_crash_dump: usual('active paused rescued resized error'),
  rebuild: usual('active stopped error'),
  resize: usual('active stopped'),
  confirmResize: usual('resized'),
  revertResize: usual('resized'),
  migrate: usual('active stopped'),
  'os-migrateLive': usual('active paused'),
  'abort live migration': usual('any', { task: 'migrating' }),
  force_complete: usual('active', { task: 'migrating' }),
  evacuate: usual('active stopped error', { task: 'any', ...unlocked }),
  rescue: usual('active stopped error'),
  unrescue: usual('rescued'),
  shelve: usual('active stopped paused suspended'),
  shelveOffload: usual('shelved'),
  unshelve: usual('shelved shelved_offloaded'),
  createImage: usual('active stopped paused suspended', unlocked),
  createBackup: usual('active stopped paused suspended', unlocked),
  changePassword: usual('active'),
  lock: { ...always, ...unlocked },
  unlock: { ...always, ...unlocked },
  'os-resetState': { ...always, ...unlocked },
  injectNetworkInfo: always,
  resetNetwork: always,
  addFixedIp: always,
  removeFixedIp: always,
  'attach volume': usual('active paused stopped resized soft-delete shelved shelved_offloaded'),
  'detach volume': usual('active paused stopped resized soft-delete shelved shelved_offloaded'),
  'swap volume': usual('active paused resized'),
  'attach interface': usual('active paused stopped'),
  'detach interface': usual('active paused stopped'),
  'update metadata': usual('active paused suspended stopped', { task: 'any' }),
};
