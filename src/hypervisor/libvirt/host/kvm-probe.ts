import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Capabilities } from './capabilities.ts';

/** `mov al, 0x31; out 0xf4, al; hlt`: ends QEMU with status 0x31 × 2 + 1 through its debug exit device. */
const BOOT_CODE = [0xb0, 0x31, 0xe6, 0xf4, 0xf4];
const EXIT_STATUS = 0x63;
const EMULATED_TIMEOUT_MS = 10_000;
/** KVM that is slower than emulation by this factor is itself emulated, and useless. */
const TOLERANCE = 4;
const MIN_TIMEOUT_MS = 500;

/** Milliseconds that a boot sector takes to run; null when it exceeds the time limit. */
async function bootTime(emulator: string, accelerator: string, options: { disk: string; timeoutMs: number }) {
  const { disk, timeoutMs } = options;
  const args = [
    ...['-accel', accelerator, '-machine', 'pc', '-nodefaults', '-display', 'none', '-m', '32'],
    ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=4', '-drive', `file=${disk},format=raw,if=ide`],
  ];
  const began = performance.now();
  const status = await new Promise<unknown>((resolve) => {
    execFile(emulator, args, { timeout: timeoutMs, killSignal: 'SIGKILL' }, (error) =>
      resolve(error?.code ?? 0),
    );
  });
  return status === EXIT_STATUS ? performance.now() - began : null;
}

/**
 * Whether guests can really use KVM: libvirt offers it, the device opens, and a guest's code runs about as
 * fast as with emulation, which a nested or broken KVM does not reach. On architectures other than x86 only
 * the first two are checked.
 */
export async function isKvmUsable({ virtTypes, arch, emulator }: Capabilities): Promise<boolean> {
  if (!virtTypes.includes('kvm') || emulator === null) return false;
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch {
    return false;
  }
  if (arch !== 'x86_64') return true;
  const scratch = await mkdtemp(join(tmpdir(), 'nameplate-kvm-'));
  try {
    const sector = Buffer.alloc(64 * 1024);
    sector.set(BOOT_CODE);
    sector.writeUInt16LE(0xaa55, 510);
    const disk = join(scratch, 'boot');
    await writeFile(disk, sector);
    const emulated = await bootTime(emulator, 'tcg', { disk, timeoutMs: EMULATED_TIMEOUT_MS });
    const timeoutMs = Math.max(MIN_TIMEOUT_MS, Math.ceil(TOLERANCE * (emulated ?? 0)));
    return (await bootTime(emulator, 'kvm', { disk, timeoutMs })) !== null;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
