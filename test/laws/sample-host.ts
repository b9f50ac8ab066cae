import { randomUUID } from 'node:crypto';
import type { HostReport } from '../../src/model/command.ts';
import type { HostName } from '../../src/model/ids.ts';

/** What an agent reports of a host, with these fields instead of the usual ones. */
export const sampleHost = (name: string, fields: Partial<HostReport> = {}): HostReport => ({
  name: name as HostName,
  hostIp: '192.0.2.1',
  hypervisorId: randomUUID(),
  serviceId: randomUUID(),
  zone: 'nova',
  lastSeenAt: 1,
  startedAt: 1,
  serialOption: 'auto',
  machineId: { state: 'absent', file: '/etc/machine-id' },
  hypervisorType: 'QEMU',
  hypervisorVersion: 9_000_000,
  hypervisorHostname: name,
  arch: 'x86_64',
  cpuInfo: { model: 'x' },
  capacity: { vcpus: 4, memoryMb: 8_000, diskGb: 100 },
  hardwareUuid: null,
  givesSerial: true,
  features: ['unique-serial', 'move-disks', 'live-migration'],
  version: '0.1.0',
  ...fields,
});
