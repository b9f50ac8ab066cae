import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDemoImage, DEMO_IMAGE_COMMAND_LINE } from '../../demo-image/build.ts';
import type { ComputeClient } from '../lab/compute-client.ts';
import { type ManyHosts, startManyHosts } from '../lab/many-hosts.ts';
import { HOSTS } from './identity-table.ts';

/** The buses that servers of the table have their disks on, and the image properties that say so. */
export const BUSES = {
  virtio: {},
  // Its config drive stays on IDE: Linux shows no serial of QEMU's SCSI CD-ROM in sysfs.
  scsi: { hw_disk_bus: 'scsi', hw_scsi_model: 'virtio-scsi' },
  ide: { hw_disk_bus: 'ide' },
  sata: { hw_disk_bus: 'sata', hw_cdrom_bus: 'sata' },
} as const;
export type Bus = keyof typeof BUSES;

/** Flavors with all kinds of local disks and a serial of their own. */
export const FLAVORS = { usual: 'identity-usual', large: 'identity-large' } as const;

/** An emulator with another name for a machine type has none of that name. */
const WITHOUT = `sed "s/$1/pc-i440fx-0.0/g" "$(readlink -f /usr/bin/qemu-system-x86_64)" >/var/lib/libvirt/emulator
chmod 755 /var/lib/libvirt/emulator
mount --bind /var/lib/libvirt/emulator "$(readlink -f /usr/bin/qemu-system-x86_64)"`;

/** Starts the cloud of the table: three libvirt hosts that differ as {@link HOSTS} says. */
export async function startIdentityCloud(): Promise<ManyHosts> {
  const hosts: Readonly<Record<string, { cpu: string; machineType?: string; lacks?: string }>> = HOSTS;
  return startManyHosts({
    agentOf: Object.fromEntries(
      Object.entries(hosts).map(([name, { cpu, machineType }]) => [
        name,
        {
          libvirt: {
            ...{ cpu_mode: 'custom', cpu_models: cpu },
            ...(machineType === undefined ? {} : { hw_machine_type: `x86_64=${machineType}` }),
          },
        },
      ]),
    ),
    async prepare(machine) {
      const lacks = hosts[machine.name]?.lacks;
      if (lacks === undefined) return;
      await machine.exec('sh', ['-ec', WITHOUT, 'sh', lacks.replaceAll('.', '\\.')]);
      await machine.restartDaemon();
    },
  });
}

/** Makes the table's flavors. */
export async function makeFlavors(client: ComputeClient): Promise<void> {
  const disks = { disk: 1, 'OS-FLV-EXT-DATA:ephemeral': 1, swap: 64 };
  for (const [id, ram, vcpus] of [
    [FLAVORS.usual, 128, 1],
    [FLAVORS.large, 160, 2],
  ] as const) {
    await client.ask('POST', '/flavors', { flavor: { id, name: id, ram, vcpus, ...disks } });
    const extra_specs = { 'hw:unique_serial': 'true' };
    await client.ask('POST', `/flavors/${id}/os-extra_specs`, { extra_specs });
  }
}

/** Registers the demo image with disks on a bus. @returns its id */
export async function makeImage(client: ComputeClient, bus: Bus): Promise<string> {
  // The cloud kernel has no driver for SATA.
  const kernel = bus === 'sata' ? 'full' : 'cloud';
  const cacheDir = join(tmpdir(), 'nameplate-demo-image');
  const demo = await buildDemoImage({ cacheDir, log: () => undefined, kernel });
  const register = async (format: string, of: { file: string; properties?: Record<string, string> }) => {
    const about = { name: `identity-${bus}-${format}`, disk_format: format, container_format: format };
    const made = await client.ask('POST', '/image/v2/images', { ...about, ...of.properties });
    const { id } = made as { id: string };
    await client.upload(id, new Uint8Array(await readFile(of.file)));
    return id;
  };
  const [kernel_id, ramdisk_id] = [
    await register('aki', { file: demo.kernel }),
    await register('ari', { file: demo.ramdisk }),
  ];
  const properties = { kernel_id, ramdisk_id, os_command_line: DEMO_IMAGE_COMMAND_LINE, ...BUSES[bus] };
  return register('ami', { file: demo.disk, properties });
}
