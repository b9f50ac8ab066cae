import type { Log } from '../../model/log.ts';
import type { ImageSource } from '../driver.ts';
import { LibvirtLink } from './connection/libvirt-link.ts';
import { DiskSets } from './disks/disk-set.ts';
import { ImageCache } from './disks/image-cache.ts';
import { QemuImg } from './disks/qemu-img.ts';
import { makeDirectory } from './files/durable-file.ts';
import { FormerVariables } from './guest/former-variables.ts';
import { type HostFacts, readHostFacts } from './host/host-facts.ts';
import { defaultUri, OwnDaemon } from './host/own-daemon.ts';
import { LibvirtDriver } from './libvirt-driver.ts';
import { LibvirtMoves, type MigrationOptions } from './moves/libvirt-moves.ts';
import { openSandbox } from './sandbox/open-sandbox.ts';
import type { CpuMode, GuestNetwork } from './xml/domain-inputs.ts';

/** Options of the driver. */
export interface LibvirtDriverOptions {
  /** `[libvirt] connection_uri`. Null finds the machine's daemon, or starts one. */
  readonly connectionUri: string | null;
  /** The folder of guests' files; created if missing. QEMU's user must be able to pass its parent folders. */
  readonly instancesDir: string;
  /** The folder of cached images. */
  readonly cacheDir: string;
  /** The folder with configuration and log of a daemon that Nameplate starts. */
  readonly daemonDir: string;
  readonly virtType: 'auto' | 'kvm' | 'qemu';
  readonly cpuMode: CpuMode;
  readonly cpuModel: string | null;
  /** `[libvirt] hold_cpu` */
  readonly holdsCpu?: boolean;
  readonly network: GuestNetwork;
  /** `[libvirt] hw_machine_type`: by architecture. */
  readonly machineTypes?: ReadonlyMap<string, string>;
  /** `[image_cache] remove_unused_original_minimum_age_seconds`, in milliseconds. */
  readonly unusedImageAgeMs: number;
  /** `[nameplate] max_image_disk_gb`; absent for no limit. */
  readonly maxImageDiskGb?: number;
  /** `[compute] vmdk_allowed_types` */
  readonly vmdkAllowedTypes: readonly string[];
  readonly nameplateVersion: string;
  readonly forceConfigDrive: boolean;
  readonly migration: MigrationOptions;
  readonly images: ImageSource;
  readonly log: Log;
}

/**
 * Creates the libvirt driver and its directories. It does not wait for a daemon: calls fail with
 * `unavailable` until one answers.
 * @throws {Failure} `out-of-space` or `internal` when the directories cannot be created
 */
export async function createLibvirtDriver(options: LibvirtDriverOptions): Promise<LibvirtDriver> {
  const { instancesDir, cacheDir, log, nameplateVersion: version } = options;
  await makeDirectory(instancesDir);
  await makeDirectory(cacheDir);
  const qemuImg = new QemuImg(await openSandbox(cacheDir, log));
  const cache = new ImageCache({
    directory: cacheDir,
    images: options.images,
    inspection: { vmdkAllowedTypes: options.vmdkAllowedTypes },
    largestDisk: (options.maxImageDiskGb ?? Number.POSITIVE_INFINITY) * 1024 ** 3,
    qemuImg,
  });
  await cache.prepare();

  const uri = options.connectionUri ?? defaultUri();
  const daemon =
    options.connectionUri === null ? new OwnDaemon({ uri, directory: options.daemonDir, log }) : null;
  const link = new LibvirtLink({ uri, log, prepare: async () => daemon?.ensure() });
  const hasInterface = options.network.type !== 'none';
  const disks = new DiskSets({
    instancesDir,
    cache,
    qemuImg,
    version,
    forceConfigDrive: options.forceConfigDrive,
    hasInterface,
  });
  const facts = cached(() => readHostFacts(link, options));
  facts().catch((error: unknown) => log('libvirt-waiting', { why: (error as Error).message }));
  const former = new FormerVariables({ instancesDir, uri });
  const moves = new LibvirtMoves({ link, disks, former, cache, instancesDir, migration: options.migration });
  return new LibvirtDriver({
    ...{ link, disks, former, cache, moves, facts, instancesDir, version },
    unusedImageAgeMs: options.unusedImageAgeMs,
    ...{ cpuMode: options.cpuMode, cpuModel: options.cpuModel, network: options.network },
    machineTypes: options.machineTypes ?? new Map(),
    release: () => (daemon === null ? link.close() : daemon.release(link)),
  });
}

/** Caches a successful result; after a failure the next call tries again. */
function cached(read: () => Promise<HostFacts>): () => Promise<HostFacts> {
  let cachedFacts: Promise<HostFacts> | undefined;
  return () => {
    cachedFacts ??= read().catch((error: unknown) => {
      cachedFacts = undefined;
      throw error;
    });
    return cachedFacts;
  };
}
