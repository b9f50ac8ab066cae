import type { Dirent } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../../../files/whole-file.ts';
import { Failure } from '../../../model/failure.ts';
import type { GuestPlan, ServerFiles } from '../../../model/guest.ts';
import type { ServerId } from '../../../model/ids.ts';
import type { ImageSnapshot } from '../../../model/image.ts';
import type { DiskRequest } from '../../driver.ts';
import { writeConfigDrive } from '../config-drive/config-drive.ts';
import { exists, linkOrCopy, makeDirectory, renameDurably } from '../files/durable-file.ts';
import { diskFailure, isMissing } from '../files/failures.ts';
import { qcow2VirtualSize } from '../image-inspection/qcow2.ts';
import type { GuestFiles } from '../xml/domain-inputs.ts';
import { hasUefi } from '../xml/hardware.ts';
import { copyDisk } from './copy-disk.ts';
import { CONSOLE_LOG, DEFINITIONS, DISK_FILES } from './file-names.ts';
import { growDisks, makeExtraDisks, shrinking } from './grow-disks.ts';
import type { Fetching, ImageCache } from './image-cache.ts';
import { withImageFile } from './image-file.ts';
import { writeOverlay } from './overlay.ts';
import { OWN_BASE } from './own-base.ts';
import { baseOfOwnDisk } from './own-disk.ts';
import type { QemuImg } from './qemu-img.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const SERVER_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export interface DiskSetOptions {
  readonly instancesDir: string;
  readonly cache: ImageCache;
  readonly qemuImg: QemuImg;
  /** Nameplate's version, for the config drive's publisher. */
  readonly version: string;
  readonly forceConfigDrive: boolean;
  /** Whether guests have a network interface, for the config drive. */
  readonly hasInterface: boolean;
}

/**
 * The disk files of servers: `<instances>/<server id>/<set>/`. A set is made under another name and then
 * renamed, so that it appears completely or not at all.
 */
export class DiskSets {
  readonly #options: DiskSetOptions;

  constructor(options: DiskSetOptions) {
    this.#options = options;
  }

  /** The directory with all files of a server on this host. */
  directoryOf(server: ServerId): string {
    return join(this.#options.instancesDir, server);
  }

  /** The paths of a plan's files, whether they exist or not. */
  filesOf(plan: GuestPlan): GuestFiles {
    const file = (name: string) => join(this.directoryOfSet(plan.serverId, plan.diskSet), name);
    const { image, flavor } = plan;
    return {
      root:
        image.diskFormat === 'iso'
          ? { path: file(DISK_FILES.root), format: 'raw', device: 'cdrom' }
          : { path: file(DISK_FILES.root), format: 'qcow2', device: 'disk' },
      kernel: image.kernelId === null ? null : file(DISK_FILES.kernel),
      ramdisk: image.ramdiskId === null ? null : file(DISK_FILES.ramdisk),
      configDrive: this.#hasConfigDrive(plan) ? file(DISK_FILES.configDrive) : null,
      swap: flavor.swapMb === 0 ? null : file(DISK_FILES.swap),
      ephemeral: flavor.ephemeralGb === 0 ? null : file(DISK_FILES.ephemeral),
      variables: hasUefi(plan) ? file(DISK_FILES.variables) : null,
      consoleLog: join(this.directoryOf(plan.serverId), CONSOLE_LOG),
    };
  }

  /**
   * The raw backing file of the root disk of a plan's set; null for a disk without one, or a missing disk.
   * @throws {Failure} `invalid` when the disk refers to anything but an image
   */
  async baseOf({ serverId, diskSet, image }: GuestPlan): Promise<string | null> {
    if (image.diskFormat === 'iso') return null;
    const set = this.directoryOfSet(serverId, diskSet);
    return baseOfOwnDisk(join(set, DISK_FILES.root), {
      ...{ set, image, cache: this.#options.cache.directory },
    });
  }

  /**
   * Creates a plan's set, unless it exists.
   * @throws {Failure} `invalid` when image or sizes cannot be used, `not-found` when image or source set are
   *   gone, `out-of-space`
   */
  async create(
    { plan, from, images = null, contents = {} }: DiskRequest,
    signal: AbortSignal,
  ): Promise<void> {
    await this.make(plan, signal, async (scratch) => {
      const fetching = { images, contents, signal };
      if (from === 'image') await this.#fillFromImage(plan, scratch, fetching);
      else await this.#fillFromSet(plan, scratch, { source: from.copyOf, ...fetching });
      await this.addConfigDrive(plan, scratch, signal);
    });
  }

  /** Fetches an image with its kernel and ramdisk, so that later sets are made from the cache. */
  async cacheImage(image: ImageSnapshot, fetching: Fetching): Promise<void> {
    const { cache } = this.#options;
    try {
      using _base = await cache.base(image, { ...fetching, largest: null });
      for (const id of [image.kernelId, image.ramdiskId])
        if (id !== null) (await cache.bootFile(id, { ...fetching, largest: null }))[Symbol.dispose]();
    } catch (error) {
      throw diskFailure(`image ${image.id}`, error);
    }
  }

  /** Calls `fill` to make the files of a plan's set in a scratch directory, unless the set exists. */
  async make(plan: GuestPlan, signal: AbortSignal, fill: (scratch: string) => Promise<void>): Promise<void> {
    const whole = this.directoryOfSet(plan.serverId, plan.diskSet);
    if (await exists(whole)) return;
    const scratch = `${whole}.partial`;
    try {
      await rm(scratch, { recursive: true, force: true });
      await makeDirectory(scratch);
      await fill(scratch);
      signal.throwIfAborted();
      await syncDirectory(scratch);
      await renameDurably(scratch, whole);
    } catch (error) {
      await rm(scratch, { recursive: true, force: true });
      const what = `the disks of server ${plan.serverId}`;
      if (signal.aborted) throw new Failure('timed-out', `Gave up making ${what}.`, { cause: error });
      throw diskFailure(what, error);
    }
  }

  /** Writes the config drive, if the plan has one. */
  async addConfigDrive(plan: GuestPlan, directory: string, signal: AbortSignal): Promise<void> {
    if (!this.#hasConfigDrive(plan)) return;
    const path = join(directory, DISK_FILES.configDrive);
    await writeConfigDrive({ ...this.#options, plan, path, signal });
  }

  /** Deletes a set, or all files of a server. Missing files are not an error. */
  async delete(server: ServerId, set: string | 'all'): Promise<void> {
    if (set === 'all') {
      await rm(this.directoryOf(server), { recursive: true, force: true });
      return;
    }
    const directory = this.directoryOfSet(server, set);
    await rm(directory, { recursive: true, force: true });
    await rm(`${directory}.partial`, { recursive: true, force: true });
  }

  /** The servers with files on this host, with their sets. Other files and folders there are ignored. */
  async list(): Promise<ServerFiles[]> {
    const names = (await readdir(this.#options.instancesDir)).filter((name) => SERVER_ID.test(name));
    const held: ServerFiles[] = [];
    for (const name of names as ServerId[]) {
      const entries = await readdir(this.directoryOf(name), { withFileTypes: true }).catch(emptyIfGone);
      const sets = entries
        .filter((entry) => entry.isDirectory() && entry.name !== DEFINITIONS)
        .map((entry) => entry.name.replace(/\.partial$/, ''));
      held.push({ serverId: name, sets: [...new Set(sets)] });
    }
    return held;
  }

  #hasConfigDrive(plan: GuestPlan): boolean {
    return plan.configDrive || this.#options.forceConfigDrive;
  }

  /** The directory of one set. @throws {Failure} `invalid` when the name is not that of a set */
  directoryOfSet(server: ServerId, set: string): string {
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(set) || set === DEFINITIONS || set === 'all')
      throw new Failure('invalid', `'${set}' cannot be the name of a disk set.`);
    return join(this.directoryOf(server), set);
  }

  async #fillFromImage(plan: GuestPlan, directory: string, fetching: Fetching): Promise<void> {
    const { image, flavor } = plan;
    const { cache } = this.#options;
    const largest = flavor.rootGb === 0 ? null : flavor.rootGb * GIB;
    using base = await cache.base(image, { ...fetching, largest });
    const root = join(directory, DISK_FILES.root);
    if (image.diskFormat === 'iso') await copyDisk({ from: base.path, to: root }, fetching.signal);
    else await writeOverlay(root, { size: largest ?? base.size, backingFile: base.path });
    for (const [id, name] of [
      [image.kernelId, DISK_FILES.kernel],
      [image.ramdiskId, DISK_FILES.ramdisk],
    ] as const)
      if (id !== null) {
        using file = await cache.bootFile(id, { ...fetching, largest: flavor.ramMb * MIB });
        await copyDisk({ from: file.path, to: join(directory, name) }, fetching.signal);
      }
    await makeExtraDisks(plan, directory);
  }

  async #fillFromSet(
    plan: GuestPlan,
    directory: string,
    { source, ...fetching }: Fetching & { source: string },
  ): Promise<void> {
    const from = this.directoryOfSet(plan.serverId, source);
    if (!(await exists(from)))
      throw new Failure(
        'not-found',
        `Server ${plan.serverId} has no disk set '${source}' on this compute host.`,
      );
    // Checked before any program reads the copy, because the guest's QEMU process could change the disk's
    // header.
    await this.baseOf({ ...plan, diskSet: source });
    const size = plan.image.diskFormat === 'iso' ? null : await this.#grownSize(plan, from, fetching);
    await this.#copyFiles(plan, { from, to: directory }, fetching.signal);
    await this.grow(plan, directory, size);
  }

  /**
   * Grows copied disks to the plan's flavor, and creates further disks of the flavor.
   * @param ownSize bytes of a root disk whose flavor does not set a size; null keeps its size
   * @throws {Failure} `invalid` when a disk would have to shrink
   */
  async grow(plan: GuestPlan, directory: string, ownSize: number | null): Promise<void> {
    const { qemuImg } = this.#options;
    const home = this.directoryOfSet(plan.serverId, plan.diskSet);
    await growDisks(plan, { directory, home, ownSize, qemuImg });
  }

  /** The size of the copied root disk in bytes. A disk never shrinks. */
  async #grownSize(plan: GuestPlan, from: string, fetching: Fetching): Promise<number> {
    const present = await withImageFile(join(from, DISK_FILES.root), qcow2VirtualSize);
    const { rootGb } = plan.flavor;
    if (rootGb === 0) {
      using base = await this.#options.cache.base(plan.image, { ...fetching, largest: null });
      if (base.size < present) throw shrinking();
      return base.size;
    }
    if (rootGb * GIB < present) throw shrinking();
    return rootGb * GIB;
  }

  async #copyFiles(
    plan: GuestPlan,
    { from, to }: { from: string; to: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { kernelId, ramdiskId } = plan.image;
    const { root, kernel, ramdisk, ephemeral, variables } = DISK_FILES;
    const names: string[] = [root];
    if (kernelId !== null) names.push(kernel);
    if (ramdiskId !== null) names.push(ramdisk);
    if (plan.flavor.ephemeralGb > 0 && (await exists(join(from, ephemeral)))) names.push(ephemeral);
    if (await exists(join(from, variables))) names.push(variables);
    if (await exists(join(from, OWN_BASE))) await linkOrCopy(join(from, OWN_BASE), join(to, OWN_BASE));
    for (const name of names) await copyDisk({ from: join(from, name), to: join(to, name) }, signal);
  }
}

/** Ignores a folder that was deleted meanwhile, and a file of this name. */
function emptyIfGone(error: unknown): Dirent[] {
  if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return [];
  throw error;
}
