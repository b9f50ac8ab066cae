import type { HostReport } from '../command.ts';
import { matches } from './checked.ts';
import { EVENTS } from './events.ts';
import { HOST_FIELDS } from './host-report.ts';

/** Replaces unreadable fields: the APIs show such a host, and the scheduler puts no server on it. */
const SUBSTITUTES: { readonly [Field in keyof HostReport]-?: HostReport[Field] } = {
  name: 'unknown' as HostReport['name'],
  hostIp: '0.0.0.0',
  hypervisorId: '00000000-0000-0000-0000-000000000000',
  serviceId: '00000000-0000-0000-0000-000000000000',
  zone: 'nova',
  lastSeenAt: 0,
  startedAt: 0,
  serialOption: 'auto',
  machineId: { state: 'unreadable', file: '/etc/machine-id', why: 'what the host reported is malformed' },
  hypervisorType: 'unknown',
  hypervisorVersion: 0,
  hypervisorHostname: 'unknown',
  arch: 'unknown',
  cpuInfo: {},
  capacity: { vcpus: 0, memoryMb: 0, diskGb: 0 },
  hardwareUuid: null,
  givesSerial: false,
  platforms: undefined as never,
  guestCpu: undefined as never,
  instancesPath: undefined as never,
  features: [],
  version: 'unknown',
  protocol: undefined as never,
  uptime: undefined as never,
  networks: undefined as never,
};

/**
 * A stored report with harmless values in place of malformed fields. Older releases stored reports unchecked.
 * Pure.
 */
export function readableReport(stored: HostReport): HostReport {
  // As an event, so that the large schema is compiled once in a process.
  if (matches(EVENTS.host, { type: 'host', report: stored })) return stored;
  const fields = Object.keys(HOST_FIELDS) as (keyof HostReport)[];
  return Object.fromEntries(
    fields
      .map((field) => [
        field,
        matches(HOST_FIELDS[field], stored[field]) ? stored[field] : SUBSTITUTES[field],
      ])
      .filter(([, value]) => value !== undefined),
  ) as unknown as HostReport;
}
