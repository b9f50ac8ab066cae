/** Where definitions that were replaced are kept, beside the sets. */
export const DEFINITIONS = 'definitions';

/** Names of the files of a set; Nova's. */
export const DISK_FILES = {
  root: 'disk',
  configDrive: 'disk.config',
  swap: 'disk.swap',
  ephemeral: 'disk.eph0',
  kernel: 'kernel',
  ramdisk: 'ramdisk',
} as const;

/** Those that QEMU reads when it starts a guest. */
export const BOOT_FILES = [DISK_FILES.kernel, DISK_FILES.ramdisk] as const;

/** What the guest prints; virtlogd gives full ones further endings. */
export const CONSOLE_LOG = 'console.log';
