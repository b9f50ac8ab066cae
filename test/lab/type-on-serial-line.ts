import type { LibvirtHost } from './libvirt-host.ts';

/** QEMU looks once a second whether somebody has its end of a serial line open, and reads nothing else. */
const HELD_OPEN = '{ sleep 1.2; printf %s "$1"; sleep 0.3; } > "$2"';

/** Types on the serial line of a guest that runs on a host. */
export async function typeOnSerialLine(
  host: Pick<LibvirtHost, 'exec'>,
  { server, text }: { readonly server: string; readonly text: string },
): Promise<void> {
  const { stdout: terminal } = await host.exec('virsh', ['ttyconsole', server]);
  await host.exec('sh', ['-c', HELD_OPEN, 'sh', text, terminal.trim()]);
}
