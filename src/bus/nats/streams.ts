import { ALL_EVENTS, ALL_EVENTS_OF_0_1, ALL_REPORTS } from './subjects.ts';

const MIB = 1024 * 1024;

/**
 * A stream of events. Except in the stream for release 0.1, each host has one subject, so that limits by
 * subject are limits by host.
 */
export interface HostStream {
  readonly name: string;
  readonly subjects: readonly string[];
  /** Maximum number of waiting messages on one subject. A further message replaces the oldest one. */
  readonly maxPerSubject: number;
  /** Maximum bytes of one message. */
  readonly maxMessageBytes: number;
  /** Maximum bytes of all waiting messages. */
  readonly maxBytes: number;
}

/** Reports have their own stream, so that a flood of events does not delay heartbeats. */
export const REPORTS: HostStream = {
  name: 'NAMEPLATE_REPORTS',
  subjects: [ALL_REPORTS],
  maxPerSubject: 1,
  maxMessageBytes: MIB / 4,
  maxBytes: 64 * MIB,
};

export const EVENTS: HostStream = {
  name: 'NAMEPLATE_NEWS',
  subjects: [ALL_EVENTS],
  maxPerSubject: 64,
  maxMessageBytes: MIB / 4,
  maxBytes: 256 * MIB,
};

/**
 * Events from agents of release 0.1, whose credentials allow any number of subjects. They have their own
 * stream, so that a flood harms only these agents. Without such agents it stays empty.
 */
export const EVENTS_OF_0_1: HostStream = {
  name: 'NAMEPLATE_EVENTS_0_1',
  subjects: ALL_EVENTS_OF_0_1,
  maxPerSubject: 1,
  maxMessageBytes: MIB / 4,
  maxBytes: 64 * MIB,
};
