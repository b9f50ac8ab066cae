import { loadavg, uptime } from 'node:os';
import type { HostUptime } from '../model/host.ts';

/** The boot time and load of this machine. @param now epoch milliseconds */
export function readUptime(now: number): HostUptime {
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return { bootedAt: Math.round(now - uptime() * 1000), loadAverage: [one, five, fifteen] };
}
