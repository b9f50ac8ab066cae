/** The folder for replaced definitions, beside the sets. */
export const DEFINITIONS = 'definitions';

/** Names of the files of a set, as in Nova. */
export const DISK_FILES = {
  root: 'disk',
  configDrive: 'disk.config',
  swap: 'disk.swap',
  ephemeral: 'disk.eph0',
  kernel: 'kernel',
  ramdisk: 'ramdisk',
  variables: 'nvram.fd',
} as const;

/** Files that QEMU reads when it starts a guest. */
export const BOOT_FILES = [DISK_FILES.kernel, DISK_FILES.ramdisk] as const;

/** The guest's console output. virtlogd adds suffixes to the names of full logs. */
export const CONSOLE_LOG = 'console.log';
