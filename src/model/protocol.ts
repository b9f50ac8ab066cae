import type { ComputeHost } from './host.ts';

/**
 * The version of the messages between control plane and agents. A change that the neighbour could
 * misunderstand raises it: a new verb, a new field of a command, another meaning. A further field of a
 * report, a reply or an event does not: readers drop what they do not know.
 *
 * | protocol | releases | what came |
 * | --- | --- | --- |
 * | 1 | 0.1 | agents register without a version; commands are not parsed |
 * | 2 | 0.2 | messages say their version; an unknown verb or field is answered `not-implemented` |
 */
export const PROTOCOL = 2;

/** What a peer speaks that says no version: release 0.1. */
export const FIRST_PROTOCOL = 1;

/** How many versions apart an agent and a replica still work together. */
const NEIGHBOURS = 1;

/** The protocol of a host's agent. */
export function protocolOf({ protocol = FIRST_PROTOCOL }: Pick<ComputeHost, 'protocol'>): number {
  return protocol;
}

/** Whether two versions work together. */
export function areNeighbours(one: number, other: number): boolean {
  return Math.abs(one - other) <= NEIGHBOURS;
}

/** Both versions, as the end of a sentence. */
export function describeProtocols({ agent, control }: { agent: number; control: number }): string {
  return `the agent speaks protocol ${agent}, the control plane protocol ${control}`;
}
