import { randomUUID } from 'node:crypto';
import type { FlavorId, HostName, ImageId, ProjectId, ServerId, UserId } from '../../src/model/ids.ts';
import type { Server } from '../../src/model/server.ts';

export type NewServer = Omit<Server, 'number'>;

/** A server that has been asked for and given nothing yet, with these fields instead of the usual ones. */
export function sampleServer(fields: Partial<NewServer> = {}): NewServer {
  const id = randomUUID() as ServerId;
  return {
    id,
    generation: 1,
    name: 'web',
    hostname: 'web',
    description: null,
    projectId: 'project-a' as ProjectId,
    userId: 'user-a' as UserId,
    projectName: 'a',
    userName: 'a',
    vmState: 'building',
    taskState: 'scheduling',
    powerState: 'nostate',
    host: null as HostName | null,
    oldHost: null,
    groupId: null,
    availabilityZone: null,
    flavor: {
      id: '1' as FlavorId,
      name: 'small',
      vcpus: 2,
      ramMb: 512,
      rootGb: 10,
      ephemeralGb: 5,
      swapMb: 1500,
      rxtxFactor: 1,
      extraSpecs: { 'hw:unique_serial': 'true' },
    },
    oldFlavor: null,
    image: {
      id: 'a1b2c3d4-0000-4000-8000-000000000001' as ImageId,
      name: 'demo',
      diskFormat: 'qcow2',
      containerFormat: 'bare',
      checksum: 'd41d8cd98f00b204e9800998ecf8427e',
      size: 1_048_576,
      minDisk: 0,
      minRam: 0,
      properties: { hw_unique_serial: 'yes' },
      kernelId: null,
      ramdiskId: null,
    },
    diskSet: 'a',
    oldDiskSet: null,
    oldVmState: null,
    metadata: { role: 'web' },
    tags: [],
    keyName: null,
    keyPublic: null,
    keyType: null,
    userData: null,
    configDrive: false,
    locked: null,
    lockedReason: null,
    reservationId: 'r-12345678',
    launchIndex: 0,
    fault: null,
    progress: 0,
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000,
    launchedAt: null,
    terminatedAt: null,
    ...fields,
  };
}
