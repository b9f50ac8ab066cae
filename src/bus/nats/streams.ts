import { ALL_EVENTS, ALL_EVENTS_OF_0_1, ALL_REPORTS } from './subjects.ts';

const MIB = 1024 * 1024;

/**
 * A stream of what hosts publish. A host has one subject in each but that of 0.1, so limits by subject are
 * limits by host.
 */
export interface HostStream {
  readonly name: string;
  readonly subjects: readonly string[];
  /** Messages on one subject that wait; a further one replaces the oldest on it. */
  readonly mostOfSubject: number;
  /** Bytes of one message. */
  readonly largest: number;
  /** Bytes of all that wait. */
  readonly most: number;
}

/** Reports are apart from everything else: no flood of events delays a heartbeat. */
export const REPORTS: HostStream = {
  name: 'NAMEPLATE_REPORTS',
  subjects: [ALL_REPORTS],
  mostOfSubject: 1,
  largest: MIB / 4,
  most: 64 * MIB,
};

export const EVENTS: HostStream = {
  name: 'NAMEPLATE_NEWS',
  subjects: [ALL_EVENTS],
  mostOfSubject: 64,
  largest: MIB / 4,
  most: 256 * MIB,
};

/**
 * The events of agents of release 0.1, whose credentials allow them as many subjects as they like: apart, so
 * that what one of them floods is theirs alone. It stays empty where no such agent is left.
 */
export const EVENTS_OF_0_1: HostStream = {
  name: 'NAMEPLATE_EVENTS_0_1',
  subjects: ALL_EVENTS_OF_0_1,
  mostOfSubject: 1,
  largest: MIB / 4,
  most: 64 * MIB,
};
