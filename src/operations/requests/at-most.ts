import { pause } from '../../async/pause.ts';

/** Waits until an operation has ended, but not longer than this. */
export async function atMost(milliseconds: number, running: Promise<void>): Promise<void> {
  const ended = new AbortController();
  void running.then(() => ended.abort());
  await pause(milliseconds, ended.signal);
}
