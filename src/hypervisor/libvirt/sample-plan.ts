import type { FlavorSnapshot } from '../../model/flavor.ts';
import type { GuestPlan } from '../../model/guest.ts';
import type { FlavorId, ImageId, ProjectId, ServerId, UserId } from '../../model/ids.ts';
import type { ImageSnapshot } from '../../model/image.ts';

/** Deviations of a test's plan from the sample. */
export interface SampleChanges extends Partial<Omit<GuestPlan, 'flavor' | 'image'>> {
  readonly flavor?: Partial<FlavorSnapshot>;
  readonly image?: Partial<ImageSnapshot>;
}

const flavor: FlavorSnapshot = {
  id: '42' as FlavorId,
  name: 'm1.tiny',
  vcpus: 1,
  ramMb: 512,
  rootGb: 1,
  ephemeralGb: 0,
  swapMb: 0,
  rxtxFactor: 1,
  extraSpecs: {},
};

const image: ImageSnapshot = {
  id: '70a599e0-31e7-49b7-b260-868f441e862b' as ImageId,
  name: 'cirros',
  diskFormat: 'raw',
  containerFormat: 'bare',
  checksum: '0123456789abcdef0123456789abcdef',
  size: 1024,
  minDisk: 0,
  minRam: 0,
  properties: {},
  kernelId: null,
  ramdiskId: null,
};

/** A sample plan for tests. Change only what the test is about. */
export function samplePlan(changes: SampleChanges = {}): GuestPlan {
  return {
    serverId: '8f2c5a10-6f0b-4f0e-9d55-3b1f2a9f7c01' as ServerId,
    domainName: 'instance-0000002a',
    displayName: 's1',
    hostname: 's1',
    projectId: '5f705771b3ed4e2fb09ab1b57b21ad8e' as ProjectId,
    projectName: 'demo',
    userId: 'fake00000000000000000000000000aa' as UserId,
    userName: 'alice',
    diskSet: 'disks-1',
    availabilityZone: 'nova',
    metadata: {},
    keyName: null,
    keyPublic: null,
    keyType: null,
    userData: null,
    configDrive: false,
    launchIndex: 0,
    reservationId: 'r-abcdefgh',
    ...changes,
    flavor: { ...flavor, ...changes.flavor },
    image: { ...image, ...changes.image },
  };
}
