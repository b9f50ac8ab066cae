import type { HostName } from '../../model/ids.ts';
import type { Log } from '../../model/log.ts';

/** How long further complaints about a host are suppressed. Milliseconds. */
const QUIET_MS = 60_000;
const MAX_HOSTS = 10_000;

/** Logs what is wrong with a host's messages. */
export type Complain = (
  host: HostName,
  event: 'host-event-dropped' | 'host-event-refused',
  why: string,
) => void;

/**
 * Bounds what one host can write into the log: one line a minute, with the number of suppressed complaints.
 * @param now milliseconds of a monotonic clock
 */
export function complainer(log: Log, now: () => number): Complain {
  const logged = new Map<HostName, { readonly at: number; passed: number }>();
  return (host, event, why) => {
    const known = logged.get(host);
    const at = now();
    if (known !== undefined && at - known.at < QUIET_MS) {
      known.passed++;
      return;
    }
    if (logged.size >= MAX_HOSTS) logged.clear();
    logged.set(host, { at, passed: 0 });
    log(event, { host, why, passed: known?.passed ?? 0 });
  };
}
