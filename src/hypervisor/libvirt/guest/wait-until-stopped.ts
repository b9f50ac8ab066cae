import type { Domain, Libvirt } from 'libvirt-rpc';
import { settlesWithin } from '../../../async/settles-within.ts';
import { isActive } from './power-state.ts';

/** Milliseconds between presses of the power button. A guest that is still booting ignores it. */
const PRESS_INTERVAL_MS = 5_000;

export interface StopWait {
  readonly timeoutMs: number;
  /** Requests the shutdown. Called again at intervals. */
  press(): Promise<void>;
}

/** Waits for events until a guest has no process. @returns false when it still has one after `timeoutMs` */
export async function waitUntilStopped(libvirt: Libvirt, domain: Domain, wait: StopWait): Promise<boolean> {
  const isOff = async () => !isActive((await libvirt.domainGetState({ domain })).state);
  if (await isOff()) return true;
  const deadline = Date.now() + wait.timeoutMs;
  const events = await libvirt.events('lifecycle', { domain });
  try {
    let next = events.next();
    for (;;) {
      await wait.press();
      const nextPressAt = Math.min(deadline, Date.now() + PRESS_INTERVAL_MS);
      for (;;) {
        if (await isOff()) return true;
        const left = nextPressAt - Date.now();
        if (left <= 0 || !(await settlesWithin(next, left))) break;
        next = events.next();
      }
      if (Date.now() >= deadline) return await isOff();
    }
  } finally {
    await events.close().catch(() => {}); // the stream is gone if the connection is lost
  }
}
