import type { Domain, Libvirt } from 'libvirt-rpc';
import { settlesWithin } from '../../../async/settles-within.ts';
import { isActive } from './power-state.ts';

/** A guest that is still booting does not hear its power button. Milliseconds between presses. */
const PRESS_AGAIN_MS = 5_000;

export interface StopWait {
  readonly timeoutMs: number;
  /** Asks the guest to go; called again from time to time. */
  press(): Promise<void>;
}

/**
 * Waits by events until a guest has no process.
 * @returns false when it still has one after `timeoutMs`
 */
export async function waitUntilStopped(libvirt: Libvirt, domain: Domain, wait: StopWait): Promise<boolean> {
  const isOff = async () => !isActive((await libvirt.domainGetState({ domain })).state);
  if (await isOff()) return true;
  const deadline = Date.now() + wait.timeoutMs;
  const events = await libvirt.events('lifecycle', { domain });
  try {
    let next = events.next();
    for (;;) {
      await wait.press();
      const pressAgainAt = Math.min(deadline, Date.now() + PRESS_AGAIN_MS);
      for (;;) {
        if (await isOff()) return true;
        const left = pressAgainAt - Date.now();
        if (left <= 0 || !(await settlesWithin(next, left))) break;
        next = events.next();
      }
      if (Date.now() >= deadline) return await isOff();
    }
  } finally {
    await events.close().catch(() => {}); // the connection may be gone, and the stream with it
  }
}
