/**
 * The steps of each kind of operation in release 0.1, whose rows have the index of a step and not its name.
 */
export const STEPS_OF_0_1: Readonly<Record<string, readonly string[]>> = {
  'create-server': ['schedule', 'create disks', 'define', 'boot', 'tidy'],
  'delete-server': ['power off', 'undefine', 'delete disks'],
  'start-server': ['define', 'power off', 'boot', 'tidy'],
  'stop-server': ['power off'],
  'soft-reboot-server': ['ask the guest', 'define', 'power off', 'boot', 'tidy'],
  'hard-reboot-server': ['define', 'power off', 'boot', 'tidy'],
  'pause-server': ['pause'],
  'unpause-server': ['unpause'],
  'suspend-server': ['suspend'],
  'resume-server': ['resume'],
  'rebuild-server': ['check host', 'create disks', 'define', 'power off', 'boot', 'tidy'],
  'resize-server': [
    'choose destination',
    'define',
    'power off',
    'carry disks',
    'create disks',
    'boot',
    'tidy',
  ],
  'migrate-server': [
    'choose destination',
    'define',
    'power off',
    'carry disks',
    'create disks',
    'boot',
    'tidy',
  ],
  'confirm-resize': ['tidy'],
  'revert-resize': ['define', 'power off', 'boot', 'tidy'],
  'live-migrate-server': [
    'choose destination',
    'compare storage',
    'prepare destination',
    'migrate',
    'clear source',
    'look ahead',
  ],
  'evacuate-server': [
    'choose destination',
    'look for disks',
    'create disks',
    'define',
    'boot',
    'tidy',
    'clear source',
  ],
};

/** The steps that wrote each note. A kind has at most one of them. */
export const STEPS_OF_NOTES: Readonly<Record<string, readonly string[]>> = {
  scheduling: ['schedule', 'choose destination'],
  reached: ['choose destination'],
  serial: ['define'],
  poweredOff: ['power off'],
  rebooted: ['ask the guest'],
  disksAreThere: ['look for disks'],
  disks: ['compare storage'],
  address: ['prepare destination'],
  arrived: ['migrate'],
  pendingSerial: ['look ahead'],
};
