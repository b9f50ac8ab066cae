import { createFlags, type Domain, domainStates, type Libvirt, shutdownFlags } from 'libvirt-rpc';
import { Failure } from '../../../model/failure.ts';
import { isAnswer } from '../connection/failures.ts';
import { isActive } from './power-state.ts';
import { waitUntilStopped } from './wait-until-stopped.ts';

/** Time limits for starting and ending QEMU, which may be slow on a busy host. Milliseconds. */
const START_TIMEOUT_MS = 120_000;
const DESTROY_TIMEOUT_MS = 60_000;
const SAVE_TIMEOUT_MS = 10 * 60_000;

async function stateOf(libvirt: Libvirt, domain: Domain): Promise<number> {
  return (await libvirt.domainGetState({ domain })).state;
}

function wrongState(domain: Domain, why: string): Failure {
  return new Failure('conflict', `The guest ${domain.uuid} ${why}.`);
}

/** Boots a guest without its saved memory. A running or paused guest stays unchanged. */
export async function start(libvirt: Libvirt, domain: Domain): Promise<void> {
  if (isActive(await stateOf(libvirt, domain))) return;
  await create(libvirt, domain, createFlags.forceBoot);
}

async function create(libvirt: Libvirt, domain: Domain, flags: number): Promise<void> {
  try {
    await libvirt.domainCreateWithFlags({ domain, flags }, { timeoutMs: START_TIMEOUT_MS });
  } catch (error) {
    // Another call has started the guest.
    if (isAnswer(error, 'ERR_OPERATION_INVALID') && isActive(await stateOf(libvirt, domain))) return;
    throw error;
  }
}

/** Ends a guest's process at once. */
export async function destroy(libvirt: Libvirt, domain: Domain): Promise<void> {
  if (!isActive(await stateOf(libvirt, domain))) return;
  try {
    await libvirt.domainDestroyFlags({ domain }, { timeoutMs: DESTROY_TIMEOUT_MS });
  } catch (error) {
    if (isAnswer(error, 'ERR_OPERATION_INVALID') && !isActive(await stateOf(libvirt, domain))) return;
    throw error;
  }
}

/** Presses the guest's power button until it is off. @returns whether it is off within `timeoutMs` */
export async function shutdown(libvirt: Libvirt, domain: Domain, timeoutMs: number): Promise<boolean> {
  return waitUntilStopped(libvirt, domain, {
    timeoutMs,
    async press() {
      try {
        await libvirt.domainShutdownFlags({ domain, flags: shutdownFlags.acpiPowerButton });
      } catch (error) {
        if (!isAnswer(error, 'ERR_OPERATION_INVALID')) throw error;
      }
    },
  });
}

/**
 * Shuts a guest down and boots its current definition. A guest that is off is booted.
 * @returns false when it did not power off
 */
export async function softReboot(libvirt: Libvirt, domain: Domain, timeoutMs: number): Promise<boolean> {
  if (!(await shutdown(libvirt, domain, timeoutMs))) return false;
  await start(libvirt, domain);
  return true;
}

export async function pause(libvirt: Libvirt, domain: Domain): Promise<void> {
  const state = await stateOf(libvirt, domain);
  if (state === domainStates.paused) return;
  if (!isActive(state)) throw wrongState(domain, 'does not run and cannot be paused');
  await libvirt.domainSuspend({ domain });
}

export async function unpause(libvirt: Libvirt, domain: Domain): Promise<void> {
  const state = await stateOf(libvirt, domain);
  if (!isActive(state)) throw wrongState(domain, 'does not run and cannot be unpaused');
  if (state !== domainStates.paused) return;
  await libvirt.domainResume({ domain });
}

/** Saves a guest's memory to disk and ends its process. */
export async function suspend(libvirt: Libvirt, domain: Domain): Promise<void> {
  if (!isActive(await stateOf(libvirt, domain))) {
    if (await libvirt.domainHasManagedSaveImage({ domain })) return;
    throw wrongState(domain, 'does not run and cannot be suspended');
  }
  await libvirt.domainManagedSave({ domain }, { timeoutMs: SAVE_TIMEOUT_MS });
}

/**
 * Restores saved memory with the definition that libvirt saved with it: a later definition does not apply.
 */
export async function resume(libvirt: Libvirt, domain: Domain): Promise<void> {
  if (isActive(await stateOf(libvirt, domain))) return;
  if (!(await libvirt.domainHasManagedSaveImage({ domain })))
    throw wrongState(domain, 'has no saved memory to resume from');
  await create(libvirt, domain, 0);
}
