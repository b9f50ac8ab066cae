import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArchiveEntry, cpioArchive, directory, file, link } from './cpio.ts';
import { type KernelModule, modulesInLoadOrder } from './modules.ts';
import { PackageSource, type UnpackedPackage } from './packages.ts';

/**
 * The demo image's parts: paths of files, the packages' versions, and the least memory in MiB with which the
 * guest comes up.
 */
export interface DemoImage {
  readonly kernel: string;
  readonly ramdisk: string;
  readonly disk: string;
  readonly version: string;
  readonly minRamMb: number;
}

/** The kernel's command line that the image is made for: the image property `os_command_line`. */
export const DEMO_IMAGE_COMMAND_LINE = 'console=ttyS0 quiet no_timer_check tsc=reliable';

/** Debian's kernels: the cloud kernel is small and has no SATA driver. */
const KERNELS = {
  cloud: { metaPackage: 'linux-image-cloud-amd64', modules: [] },
  full: { metaPackage: 'linux-image-amd64', modules: ['ahci'] },
} as const;
type Kernel = keyof typeof KERNELS;

const SHELL_PACKAGE = 'busybox-static';
const MIN_RAM_MB = 96;
const DISK_BYTES = 16 * 1024 * 1024;
const SECTOR_BYTES = 512;

/**
 * Loaded before the first line is printed: the usual root disk, with the boot counter, and the power button.
 */
const FIRST_MODULES = ['virtio_pci', 'virtio_blk', 'button', 'evdev'];
/** Loaded after it: other buses, config drive, network. */
const LATER_MODULES = [
  ...['virtio_scsi', 'ata_piix', 'sd_mod', 'sr_mod'],
  ...['isofs', 'vfat', 'nls_ascii', 'nls_cp437', 'virtio_net', 'virtio_rng', 'virtio_balloon'],
];

const GUEST_FILES = ['init', 'console', 'udhcpc', 'identity'] as const;
const FILES = { kernel: 'vmlinuz', ramdisk: 'initrd', disk: 'disk.raw', version: 'version' } as const;

/**
 * The demo image, built on the first call and taken from `cacheDir` afterwards, until its recipe changes.
 * Kernel and shell come from Debian's packages `linux-image-cloud-amd64` (or `linux-image-amd64` for the full
 * kernel) and `busybox-static`, unpacked but not installed.
 * @throws Failure `unavailable` when the packages cannot be fetched.
 */
export async function buildDemoImage(options: {
  readonly cacheDir: string;
  readonly log: (line: string) => void;
  readonly kernel?: Kernel;
}): Promise<DemoImage> {
  const { kernel = 'cloud' } = options;
  const suffix = kernel === 'cloud' ? '' : `-${kernel}`;
  const built = join(options.cacheDir, `demo-image-${await recipeDigest()}${suffix}`);
  const known = await readBuilt(built);
  if (known !== undefined) return known;

  options.log("building the demo image from Debian's packages");
  await mkdir(options.cacheDir, { recursive: true });
  const scratch = await mkdtemp(join(options.cacheDir, 'demo-image-building-'));
  try {
    const result = join(scratch, 'result');
    await mkdir(result);
    await build(new PackageSource(join(scratch, 'packages'), options.log), { kernel, result });
    // Two builders at once make the same thing: the first one's stays.
    await rename(result, built).catch(async (error) => {
      if ((await readBuilt(built)) === undefined) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  const image = await readBuilt(built);
  if (image === undefined) throw new Error(`the demo image vanished from ${built}`);
  options.log(`demo image built: ${image.version}`);
  return image;
}

async function build(source: PackageSource, of: { kernel: Kernel; result: string }): Promise<void> {
  const { result } = of;
  const { metaPackage, modules } = KERNELS[of.kernel];
  const kernelPackage = await source.resolve(metaPackage);
  const [kernel, shell] = await source.fetch([kernelPackage, SHELL_PACKAGE]);
  if (kernel === undefined || shell === undefined)
    throw new Error('unreachable: two packages were asked for');
  const release = kernel.name.replace('linux-image-', '');
  await writeFile(
    join(result, FILES.kernel),
    await readFile(join(kernel.directory, 'boot', `vmlinuz-${release}`)),
  );
  await writeFile(
    join(result, FILES.ramdisk),
    await ramdisk(join(kernel.directory, 'lib/modules', release), { shell, modules }),
  );
  await writeFile(join(result, FILES.disk), emptyDisk());
  await writeFile(join(result, FILES.version), `${release} ${kernel.version}, busybox ${shell.version}\n`);
}

async function ramdisk(
  modulesDirectory: string,
  { shell, modules }: { shell: UnpackedPackage; modules: readonly string[] },
): Promise<Buffer> {
  const first = await modulesInLoadOrder(modulesDirectory, FIRST_MODULES);
  const all = await modulesInLoadOrder(modulesDirectory, [...FIRST_MODULES, ...LATER_MODULES, ...modules]);
  const later = all.slice(first.length);
  const busybox = await readFile(join(shell.directory, 'bin/busybox'));
  const [init, console, udhcpc, identity] = await Promise.all(
    GUEST_FILES.map((name) => readFile(guestFile(name))),
  );
  const entries: ArchiveEntry[] = [
    ...['bin', 'dev', 'etc', 'modules', 'proc', 'run', 'sys', 'tmp'].map(directory),
    file('bin/busybox', busybox, true),
    link('bin/sh', 'busybox'),
    file('init', init!, true),
    file('bin/console', console!, true),
    file('bin/identity', identity!, true),
    file('etc/udhcpc', udhcpc!, true),
    file('modules/first', listOf(first)),
    file('modules/then', listOf(later)),
    ...all.map((module) => file(`modules/${module.name}.ko`, module.content)),
  ];
  return cpioArchive(entries);
}

function listOf(modules: readonly KernelModule[]): Buffer {
  return Buffer.from(modules.map((module) => `${module.name}.ko\n`).join(''));
}

/** Zeros, but for the words in sector 1 by which the guest knows that it may count its boots there. */
function emptyDisk(): Buffer {
  const disk = Buffer.alloc(DISK_BYTES);
  disk.write('nameplate-demo-disk boots=0\n', SECTOR_BYTES);
  return disk;
}

async function readBuilt(directory: string): Promise<DemoImage | undefined> {
  // The version is written last.
  const version = await readFile(join(directory, FILES.version), 'utf8').catch(() => undefined);
  if (version === undefined) return undefined;
  return {
    kernel: join(directory, FILES.kernel),
    ramdisk: join(directory, FILES.ramdisk),
    disk: join(directory, FILES.disk),
    version: version.trim(),
    minRamMb: MIN_RAM_MB,
  };
}

/** Changes with everything in this directory that has a say in the result. */
async function recipeDigest(): Promise<string> {
  const parts = ['build.ts', 'cpio.ts', 'modules.ts'].map((name) => join(import.meta.dirname, name));
  const contents = await Promise.all([...parts, ...GUEST_FILES.map(guestFile)].map((path) => readFile(path)));
  return createHash('sha256').update(Buffer.concat(contents)).digest('hex').slice(0, 16);
}

function guestFile(name: string): string {
  return join(import.meta.dirname, 'guest', name);
}
