import { stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.ts';
import type { GuestPlan } from '../../../model/guest.ts';
import { exists } from '../files/durable-file.ts';
import { qcow2VirtualSize } from '../image-inspection/qcow2.ts';
import { DISK_FILES } from './file-names.ts';
import { withImageFile } from './image-file.ts';
import { OWN_BASE } from './own-base.ts';
import { swapHeader, writePlainDisk } from './plain-disk.ts';
import { replaceHeader } from './qcow2-header.ts';
import type { QemuImg } from './qemu-img.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** The files of a new set that is made from a copy. */
export interface Growth {
  /** The directory of the files now. */
  readonly directory: string;
  /** The later directory of the files. */
  readonly home: string;
  /** Bytes of a root disk whose flavor does not set a size; null keeps its size. */
  readonly ownSize: number | null;
  readonly qemuImg: QemuImg;
}

/**
 * Grows copied disks to the plan's flavor, and creates further disks of the flavor.
 * @throws {Failure} `invalid` when a disk would have to shrink
 */
export async function growDisks(
  plan: GuestPlan,
  { directory, home, ownSize, qemuImg }: Growth,
): Promise<void> {
  const root = join(directory, DISK_FILES.root);
  const hasOwnBase = await exists(join(directory, OWN_BASE));
  if (hasOwnBase) await replaceHeader(root, { backingFile: join(directory, OWN_BASE) });
  const { rootGb, ephemeralGb } = plan.flavor;
  if (plan.image.diskFormat !== 'iso') {
    const present = await withImageFile(root, qcow2VirtualSize);
    const wanted = rootGb > 0 ? rootGb * GIB : (ownSize ?? present);
    if (wanted < present) throw shrinking();
    if (wanted > present) await qemuImg.grow(root, wanted);
  }
  const ephemeral = join(directory, DISK_FILES.ephemeral);
  if (ephemeralGb > 0 && (await exists(ephemeral))) await growPlainDisk(ephemeral, ephemeralGb * GIB);
  await makeExtraDisks(plan, directory);
  if (hasOwnBase) await replaceHeader(root, { backingFile: join(home, OWN_BASE) });
}

/** Creates new swap space, and the ephemeral disk unless it exists. */
export async function makeExtraDisks({ flavor }: GuestPlan, directory: string): Promise<void> {
  if (flavor.swapMb > 0) {
    const size = flavor.swapMb * MIB;
    await writePlainDisk(join(directory, DISK_FILES.swap), size, swapHeader(size));
  }
  const ephemeral = join(directory, DISK_FILES.ephemeral);
  if (flavor.ephemeralGb > 0 && !(await exists(ephemeral)))
    await writePlainDisk(ephemeral, flavor.ephemeralGb * GIB);
}

async function growPlainDisk(path: string, size: number): Promise<void> {
  const { size: present } = await stat(path);
  if (size < present) throw shrinking();
  if (size > present) await truncate(path, size);
}

/** nova/virt/libvirt/driver.py migrate_disk_and_power_off, with the text of nova/exception.py ResizeError. */
export function shrinking(): Failure {
  return new Failure('invalid', 'Resize error: Unable to resize disk down.');
}
