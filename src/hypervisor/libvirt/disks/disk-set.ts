import { readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.ts';
import type { GuestPlan } from '../../../model/guest.ts';
import type { ServerId } from '../../../model/ids.ts';
import type { DiskRequest } from '../../driver.ts';
import { writeConfigDrive } from '../config-drive/config-drive.ts';
import { qcow2VirtualSize } from '../image-inspection/qcow2.ts';
import type { GuestFiles } from '../xml/domain-inputs.ts';
import { exists, linkOrCopy, makeDirectory, renameDurably, syncDirectory, syncFile } from './durable-file.ts';
import { diskFailure } from './failures.ts';
import type { ImageCache } from './image-cache.ts';
import { withImageFile } from './image-file.ts';
import { writeOverlay } from './overlay.ts';
import { swapHeader, writePlainDisk } from './plain-disk.ts';
import { growOverlay } from './qemu-img.ts';
import { runTool } from './run-tool.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const COPY_TIMEOUT_MS = 60 * 60 * 1000;

/** Names of the files of a set; Nova's. */
const FILES = {
  root: 'disk',
  configDrive: 'disk.config',
  swap: 'disk.swap',
  ephemeral: 'disk.eph0',
  kernel: 'kernel',
  ramdisk: 'ramdisk',
} as const;

export interface DiskSetOptions {
  readonly instancesDir: string;
  readonly cache: ImageCache;
  /** Nameplate's version, for the config drive's publisher. */
  readonly version: string;
  readonly forceConfigDrive: boolean;
  /** Whether guests have a network interface, for the config drive. */
  readonly hasInterface: boolean;
}

/** The disk files of servers: `<instances>/<server id>/<set>/`. A set is made under another name and appears whole, or not at all. */
export class DiskSets {
  readonly #options: DiskSetOptions;

  constructor(options: DiskSetOptions) {
    this.#options = options;
  }

  /** The directory of all that this host holds of a server. */
  directoryOf(server: ServerId): string {
    return join(this.#options.instancesDir, server);
  }

  /** The files of a plan's set, whether they are there or not. */
  filesOf(plan: GuestPlan): GuestFiles {
    const file = (name: string) => join(this.#directoryOfSet(plan.serverId, plan.diskSet), name);
    const { image, flavor } = plan;
    return {
      root:
        image.diskFormat === 'iso'
          ? { path: file(FILES.root), format: 'raw', device: 'cdrom' }
          : { path: file(FILES.root), format: 'qcow2', device: 'disk' },
      kernel: image.kernelId === null ? null : file(FILES.kernel),
      ramdisk: image.ramdiskId === null ? null : file(FILES.ramdisk),
      configDrive: this.#hasConfigDrive(plan) ? file(FILES.configDrive) : null,
      swap: flavor.swapMb === 0 ? null : file(FILES.swap),
      ephemeral: flavor.ephemeralGb === 0 ? null : file(FILES.ephemeral),
      consoleLog: join(this.directoryOf(plan.serverId), 'console.log'),
    };
  }

  /**
   * Makes a plan's set, unless it is there.
   * @throws {Failure} `invalid` when image or sizes cannot be used, `not-found` when image or source set are gone, `out-of-space`.
   */
  async create({ plan, from }: DiskRequest, signal: AbortSignal): Promise<void> {
    const whole = this.#directoryOfSet(plan.serverId, plan.diskSet);
    if (await exists(whole)) return;
    const scratch = `${whole}.partial`;
    try {
      await rm(scratch, { recursive: true, force: true });
      await makeDirectory(scratch);
      if (from === 'image') await this.#fillFromImage(plan, scratch, signal);
      else await this.#fillFromSet(plan, scratch, { source: from.copyOf, signal });
      if (this.#hasConfigDrive(plan))
        await writeConfigDrive({ ...this.#options, plan, path: join(scratch, FILES.configDrive), signal });
      signal.throwIfAborted();
      await syncDirectory(scratch);
      await renameDurably(scratch, whole);
    } catch (error) {
      await rm(scratch, { recursive: true, force: true });
      const what = `the disks of server ${plan.serverId}`;
      if (signal.aborted) throw new Failure('timed-out', `Given up making ${what}.`, { cause: error });
      throw diskFailure(what, error);
    }
  }

  /** Deletes a set, or all that there is of a server; what is not there is fine. */
  async delete(server: ServerId, set: string | 'all'): Promise<void> {
    if (set === 'all') {
      await rm(this.directoryOf(server), { recursive: true, force: true });
      return;
    }
    const directory = this.#directoryOfSet(server, set);
    await rm(directory, { recursive: true, force: true });
    await rm(`${directory}.partial`, { recursive: true, force: true });
  }

  /** Servers that this host holds something of. */
  async servers(): Promise<ServerId[]> {
    return (await readdir(this.#options.instancesDir)) as ServerId[];
  }

  #hasConfigDrive(plan: GuestPlan): boolean {
    return plan.configDrive || this.#options.forceConfigDrive;
  }

  #directoryOfSet(server: ServerId, set: string): string {
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(set) || set === 'definitions' || set === 'all')
      throw new Failure('invalid', `'${set}' cannot be the name of a disk set.`);
    return join(this.directoryOf(server), set);
  }

  async #fillFromImage(plan: GuestPlan, directory: string, signal: AbortSignal): Promise<void> {
    const { image, flavor } = plan;
    const { cache } = this.#options;
    const largest = flavor.rootGb === 0 ? null : flavor.rootGb * GIB;
    const base = await cache.base(image, largest, signal);
    const root = join(directory, FILES.root);
    if (image.diskFormat === 'iso') await linkOrCopy(base.path, root);
    else await writeOverlay(root, { size: largest ?? base.size, backingFile: base.path });
    for (const [id, name] of [
      [image.kernelId, FILES.kernel],
      [image.ramdiskId, FILES.ramdisk],
    ] as const)
      if (id !== null) await linkOrCopy(await cache.bootFile(id, signal), join(directory, name));
    await this.#makeExtraDisks(plan, directory);
  }

  async #makeExtraDisks({ flavor }: GuestPlan, directory: string): Promise<void> {
    if (flavor.swapMb > 0) {
      const size = flavor.swapMb * MIB;
      await writePlainDisk(join(directory, FILES.swap), size, swapHeader(size));
    }
    const ephemeral = join(directory, FILES.ephemeral);
    if (flavor.ephemeralGb > 0 && !(await exists(ephemeral)))
      await writePlainDisk(ephemeral, flavor.ephemeralGb * GIB);
  }

  async #fillFromSet(
    plan: GuestPlan,
    directory: string,
    { source, signal }: { source: string; signal: AbortSignal },
  ): Promise<void> {
    const from = this.#directoryOfSet(plan.serverId, source);
    if (!(await exists(from)))
      throw new Failure(
        'not-found',
        `Server ${plan.serverId} has no disk set '${source}' on this compute host.`,
      );
    const size = plan.image.diskFormat === 'iso' ? null : await this.#grownSize(plan, from, signal);
    await this.#copyFiles(plan, { from, to: directory }, signal);
    const root = join(directory, FILES.root);
    if (size !== null && size > (await withImageFile(root, qcow2VirtualSize))) await growOverlay(root, size);
    const ephemeral = join(directory, FILES.ephemeral);
    if (await exists(ephemeral)) await growPlainDisk(ephemeral, plan.flavor.ephemeralGb * GIB);
    await this.#makeExtraDisks(plan, directory);
  }

  /** Bytes that the copied root disk is to have; a disk is never made smaller. */
  async #grownSize(plan: GuestPlan, from: string, signal: AbortSignal): Promise<number> {
    const present = await withImageFile(join(from, FILES.root), qcow2VirtualSize);
    const { rootGb } = plan.flavor;
    const wanted =
      rootGb > 0 ? rootGb * GIB : (await this.#options.cache.base(plan.image, null, signal)).size;
    if (wanted < present) throw shrinking();
    return wanted;
  }

  async #copyFiles(
    plan: GuestPlan,
    { from, to }: { from: string; to: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { kernelId, ramdiskId, diskFormat } = plan.image;
    if (kernelId !== null) await linkOrCopy(join(from, FILES.kernel), join(to, FILES.kernel));
    if (ramdiskId !== null) await linkOrCopy(join(from, FILES.ramdisk), join(to, FILES.ramdisk));
    const names: string[] =
      plan.flavor.ephemeralGb > 0 && (await exists(join(from, FILES.ephemeral))) ? [FILES.ephemeral] : [];
    if (diskFormat === 'iso') await linkOrCopy(join(from, FILES.root), join(to, FILES.root));
    else names.push(FILES.root);
    for (const name of names)
      await runTool({
        command: 'cp',
        args: ['--reflink=auto', '--sparse=always', '--', join(from, name), join(to, name)],
        what: `a copy of the disks of server ${plan.serverId}`,
        timeoutMs: COPY_TIMEOUT_MS,
        signal,
      });
    for (const name of names) await syncFile(join(to, name));
  }
}

async function growPlainDisk(path: string, size: number): Promise<void> {
  const { size: present } = await stat(path);
  if (size < present) throw shrinking();
  if (size > present) await truncate(path, size);
}

/** nova/virt/libvirt/driver.py migrate_disk_and_power_off, in the words of nova/exception.py ResizeError. */
function shrinking(): Failure {
  return new Failure('invalid', 'Resize error: Unable to resize disk down.');
}
