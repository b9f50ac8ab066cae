import { randomUUID } from 'node:crypto';
import type { FlavorId, ImageId, ProjectId, RequestId, UserId } from '../../src/model/ids.ts';
import type { QuotaLimits } from '../../src/model/quota.ts';
import type { Requester } from '../../src/operations/engine/requester.ts';
import type { ServerRequest } from '../../src/operations/requests/operations.ts';

export const NO_LIMITS = {
  instances: -1,
  cores: -1,
  ramMb: -1,
  groupMembers: -1,
  ports: -1,
} as const satisfies QuotaLimits & { groupMembers: number; ports: number };

/** Somebody who asks, with a request id of its own. */
export function requester(changes: Partial<Requester> = {}): Requester {
  return {
    requestId: `req-${randomUUID()}` as RequestId,
    projectId: 'project-a' as ProjectId,
    userId: 'user-a' as UserId,
    isAdmin: false,
    ...changes,
  };
}

/** A request for one server that says nothing of serials: change what the test is about. */
export function serverRequest(changes: Partial<ServerRequest> = {}): ServerRequest {
  return {
    names: [{ name: 'web', hostname: 'web' }],
    description: null,
    projectName: 'a',
    userName: 'a',
    flavor: flavorOf({ id: 'small' }),
    image: imageOf({}),
    availabilityZone: null,
    host: null,
    metadata: {},
    tags: [],
    keyName: null,
    keyPublic: null,
    keyType: null,
    userData: null,
    configDrive: false,
    accessIPv4: null,
    accessIPv6: null,
    diskConfig: 'MANUAL',
    groupId: null,
    ports: [],
    securityGroupIds: [],
    quota: NO_LIMITS,
    ...changes,
  };
}

export function flavorOf(changes: Partial<Omit<ServerRequest['flavor'], 'id'>> & { id: string }) {
  const usual = { vcpus: 1, ramMb: 64, rootGb: 1, ephemeralGb: 0, swapMb: 0, rxtxFactor: 1, extraSpecs: {} };
  return { ...usual, name: changes.id, ...changes, id: changes.id as FlavorId };
}

export function imageOf(changes: Partial<ServerRequest['image']>): ServerRequest['image'] {
  return {
    id: 'a1b2c3d4-0000-4000-8000-000000000001' as ImageId,
    name: 'demo',
    diskFormat: 'raw',
    containerFormat: 'bare',
    checksum: 'd41d8cd98f00b204e9800998ecf8427e',
    size: 1_048_576,
    minDisk: 0,
    minRam: 0,
    properties: {},
    kernelId: null,
    ramdiskId: null,
    ...changes,
  };
}
