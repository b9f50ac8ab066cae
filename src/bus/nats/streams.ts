import { ALL_EVENTS, ALL_REPORTS } from './subjects.ts';

const MIB = 1024 * 1024;

/** A stream of what hosts publish. A host has one subject in each, so the limits by subject are limits by host. */
export interface HostStream {
  readonly name: string;
  readonly subjects: string;
  /** Messages of one host that wait; a further one replaces the oldest of the same host. */
  readonly mostOfHost: number;
  /** Bytes of one message. */
  readonly largest: number;
  /** Bytes of all that wait. */
  readonly most: number;
}

/** Reports are apart from everything else: no flood of events delays a heartbeat. */
export const REPORTS: HostStream = {
  name: 'NAMEPLATE_REPORTS',
  subjects: ALL_REPORTS,
  mostOfHost: 1,
  largest: MIB / 4,
  most: 64 * MIB,
};

export const EVENTS: HostStream = {
  name: 'NAMEPLATE_NEWS',
  subjects: ALL_EVENTS,
  mostOfHost: 64,
  largest: MIB / 4,
  most: 256 * MIB,
};
