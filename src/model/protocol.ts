import type { ComputeHost } from './host.ts';

/**
 * The version of the messages between control plane and agents. Raise it for every change that the
 * neighbouring version could misunderstand: a new verb, a new field of a command, a changed meaning. A new
 * field of a report, a reply or an event does not need it, because readers drop unknown fields.
 *
 * | protocol | releases | changes |
 * | --- | --- | --- |
 * | 1 | 0.1 | agents register without a version; commands are not parsed |
 * | 2 | 0.2 | messages carry their version, unknown verbs are answered with `not-implemented`; ports |
 */
export const PROTOCOL = 2;

/** The protocol of a peer that reports no version: release 0.1. */
export const FIRST_PROTOCOL = 1;

/** The largest difference of versions at which an agent and a replica work together. */
const MAX_DIFFERENCE = 1;

/** The protocol of a host's agent. */
export function protocolOf({ protocol = FIRST_PROTOCOL }: Pick<ComputeHost, 'protocol'>): number {
  return protocol;
}

/** Whether an agent and a replica of these versions work together. */
export function areNeighbours(one: number, other: number): boolean {
  return Math.abs(one - other) <= MAX_DIFFERENCE;
}

/** Both versions, as the end of a sentence. */
export function describeProtocols({ agent, control }: { agent: number; control: number }): string {
  return `the agent speaks protocol ${agent}, the control plane protocol ${control}`;
}
