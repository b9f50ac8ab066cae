import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ComputeHostOfLab } from '../../test/lab/many-hosts.ts';
import { type Migrated, type Migrations, pauseOf, virsh } from './live-migrations.ts';

/**
 * A guest of the same definition, image and host as a server, which Nameplate does not know: it would follow
 * its own wherever virsh put it.
 */
export interface Twin {
  /**
   * By virsh, with storage, to a disk that is made ready as Nameplate does it; `prepared`: how long that took
   * before.
   */
  migrate(there: boolean): Promise<Migrated & { readonly prepared: number }>;
}

/** Starts the twin of a server on the host where both begin, and waits until it has booted. */
export async function startTwin({ server, hosts }: Migrations): Promise<Twin> {
  const id = randomUUID();
  const [first, second] = hosts;
  const name = `twin-${id.slice(0, 8)}`;
  const definition = await virsh(first, 'dumpxml', '--inactive', server);
  const xml = definition.replaceAll(server, id).replace(/<name>[^<]*</, `<name>${name}<`);
  const disk = pathIn(xml, /<source file='([^']*\/disk)'/);
  const consoleLog = pathIn(xml, /<log file='([^']*)'/);
  const disks = { server, id, disk };
  await copyBootFiles(first, first, disks);
  await createOverlay(first, disks);
  const file = `/var/lib/libvirt/${name}.xml`;
  await writeFile(join(first.machine.root, file), xml);
  await virsh(first, 'define', file);
  await virsh(first, 'start', name);
  while (!(await readFile(join(first.machine.root, consoleLog), 'utf8').catch(() => '')).includes(BOOTED))
    await wait(LOOK_MS);
  let at = first;
  return {
    async migrate(there) {
      const target = there ? second : first;
      const asked = performance.now();
      await prepare(at, target, disks);
      const { address } = target.machine;
      const how = ['--live', '--p2p', '--persistent', '--undefinesource', '--copy-storage-all'];
      const begun = performance.now();
      await virsh(at, 'migrate', ...how, name, `qemu+tcp://${address}/system`, `tcp://${address}`);
      const wall = performance.now() - begun;
      at = target;
      return { wall, pause: await pauseOf(at, name), prepared: begun - asked };
    },
  };
}

/** What the demo guest says when it has booted. */
const BOOTED = 'nameplate-demo serial=';
const LOOK_MS = 100;

interface TwinDisks {
  readonly server: string;
  readonly id: string;
  /** The path of the twin's boot disk, as its host sees it. */
  readonly disk: string;
}

function pathIn(xml: string, pattern: RegExp): string {
  const path = pattern.exec(xml)?.[1];
  if (path === undefined) throw new Error(`the definition has no ${pattern}: ${xml}`);
  return path;
}

/** What QEMU reads when it starts, and libvirt does not copy. */
async function copyBootFiles(
  from: ComputeHostOfLab,
  to: ComputeHostOfLab,
  { server, id, disk }: TwinDisks,
): Promise<void> {
  const folder = dirname(disk);
  const source = from === to ? folder.replace(id, server) : folder;
  const target = join(to.machine.root, folder);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const name of await readdir(join(from.machine.root, source)))
    if (name !== basename(disk)) await copyFile(join(from.machine.root, source, name), join(target, name));
}

/** A disk over the same image as the server's. */
async function createOverlay({ machine }: ComputeHostOfLab, { server, id, disk }: TwinDisks): Promise<void> {
  const about = ['info', '--force-share', '--output=json', disk.replace(id, server)];
  const info = JSON.parse((await machine.exec('qemu-img', about)).stdout) as Record<string, string>;
  const over = ['-b', info['full-backing-filename'] ?? '', '-F', info['backing-filename-format'] ?? 'raw'];
  await machine.exec('qemu-img', ['create', '-q', '-f', 'qcow2', ...over, disk, `${info['virtual-size']}`]);
}

/** Makes the destination ready as Nameplate does: boot files, and an empty disk of the same size. */
async function prepare(from: ComputeHostOfLab, to: ComputeHostOfLab, disks: TwinDisks): Promise<void> {
  const { disk } = disks;
  const about = ['info', '--force-share', '--output=json', disk];
  const { 'virtual-size': size } = JSON.parse((await from.machine.exec('qemu-img', about)).stdout);
  await copyBootFiles(from, to, disks);
  await to.machine.exec('qemu-img', ['create', '-q', '-f', 'qcow2', disk, `${size}`]);
}
