import type { HostUptime } from '../../model/host.ts';

/**
 * The output of `uptime` on a host, in the format that clients parse: ` 12:00:00 up 1 day,  1:00,  0 users,
 * load average: 0.10, 0.10, 0.10`.
 * @param now epoch milliseconds; the clock in the text is UTC
 */
export function uptimeText(uptime: HostUptime, now: number): string {
  const minutes = Math.max(0, Math.floor((now - uptime.bootedAt) / 60_000));
  const clock = new Date(now).toISOString().slice(11, 19);
  const load = uptime.loadAverage.map((value) => value.toFixed(2)).join(', ');
  return ` ${clock} up ${lasting(minutes)},  0 users,  load average: ${load}`;
}

function lasting(minutes: number): string {
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const rest = minutes % 60;
  const clock = hours > 0 ? `${String(hours).padStart(2)}:${String(rest).padStart(2, '0')}` : `${rest} min`;
  return days > 0 ? `${days} day${days === 1 ? '' : 's'}, ${clock}` : clock;
}
