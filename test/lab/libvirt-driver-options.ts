import { join } from 'node:path';
import type { ImageSource } from '../../src/hypervisor/driver.ts';
import type { LibvirtDriverOptions } from '../../src/hypervisor/libvirt/driver.ts';
import type { LibvirtHost } from './libvirt-host.ts';

/** Options of a driver on a host of the lab: emulated guests without interfaces, and no log. */
export function driverOptionsOn(host: LibvirtHost, images: ImageSource): LibvirtDriverOptions {
  return {
    connectionUri: host.uri,
    instancesDir: join(host.shared, 'instances'),
    cacheDir: join(host.shared, 'images'),
    daemonDir: join(host.shared, 'libvirt'),
    virtType: 'auto',
    cpuMode: null,
    cpuModel: null,
    network: { type: 'none' },
    unusedImageAgeMs: 0,
    vmdkAllowedTypes: [],
    nameplateVersion: '0.1.0',
    forceConfigDrive: false,
    migration: { uri: 'qemu+tcp://%s/system', bandwidthMib: 0, inboundAddress: '127.0.0.1' },
    images,
    log: () => {},
  };
}
