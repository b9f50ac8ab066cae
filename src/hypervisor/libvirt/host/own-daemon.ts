import type { LibvirtLink, Log } from '../connection/libvirt-link.ts';

/** The daemon to use when configuration names none. */
export function defaultUri(): string {
  return process.getuid?.() === 0 ? 'qemu:///system' : 'qemu:///session';
}

export class OwnDaemon {
  constructor(_: { uri: string; directory: string; log: Log }) {}
  async ensure(): Promise<void> {}
  async release(_: LibvirtLink): Promise<void> {}
}
