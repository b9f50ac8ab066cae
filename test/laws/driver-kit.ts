import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { DiskRequest, HypervisorDriver } from '../../src/hypervisor/driver.ts';
import { type SampleChanges, samplePlan } from '../../src/hypervisor/libvirt/sample-plan.ts';
import { Failure, type FailureKind } from '../../src/model/failure.ts';
import type { GuestPlan } from '../../src/model/guest.ts';
import type { OperationId, ServerId } from '../../src/model/ids.ts';
import type { ImageSnapshot } from '../../src/model/image.ts';
import type { DriverLab } from './driver-lab.ts';

export const never = new AbortController().signal;
export const SHUTDOWN_MS = 60_000;
let made = 0;

/** What the laws of a driver are held against. */
export interface Kit {
  readonly lab: DriverLab;
  readonly driver: HypervisorDriver;
}

export function newPlan({ lab }: Kit, changes: SampleChanges & { image?: ImageSnapshot } = {}): GuestPlan {
  made++;
  const serverId = (changes.serverId ?? randomUUID()) as ServerId;
  const domainName = `instance-${made.toString(16).padStart(8, '0')}`;
  return samplePlan({
    ...{ serverId, domainName, diskSet: 'first' },
    ...changes,
    flavor: { ramMb: lab.ramMb, rootGb: 1, ...changes.flavor },
    image: changes.image ?? lab.images.good,
  });
}

export function newOperation(): OperationId {
  return randomUUID() as OperationId;
}

export async function fails(
  kind: FailureKind | readonly FailureKind[],
  asked: Promise<unknown>,
): Promise<Failure> {
  const kinds: readonly FailureKind[] = typeof kind === 'string' ? [kind] : kind;
  const thrown = await asked.then(
    () => assert.fail(`it worked; ${kinds.join(' or ')} was expected`),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof Failure, `a Failure is thrown, not ${thrown}`);
  assert.ok(kinds.includes(thrown.kind), `${thrown.kind}: ${thrown.operatorText}`);
  return thrown;
}

export async function remove({ driver, lab }: Kit, { serverId }: GuestPlan): Promise<void> {
  await driver.destroy(serverId);
  await driver.undefine(serverId);
  await driver.deleteDisks(serverId, 'all');
  assert.deepEqual(await lab.filesOf(serverId), [], 'nothing is left of a guest that was removed');
  assert.equal((await driver.observe(serverId)).power, 'absent');
}

/** Asks for a plan's disks, made of the image. */
export function fromImage({ lab: { contents } }: Kit, plan: GuestPlan): DiskRequest {
  return { plan, from: 'image', contents };
}
