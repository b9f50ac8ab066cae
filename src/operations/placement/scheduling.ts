import type { HostName } from '../../model/ids.ts';
import { count, exactly, HOST_NAME, nullable, text } from '../../model/messages/primitives.ts';
import { Type } from '../../model/schema.ts';
import type { RefusedBy } from '../../scheduler/describe-refusals.ts';

/** What is kept of the choice of a host, with the operation that asked for it. */
export interface Scheduling {
  readonly host: HostName;
  /** How many hosts were looked at. */
  readonly among: number;
  readonly refused: readonly RefusedBy[];
}

const WORDS = text(65_536);
const REFUSED_BY = exactly<RefusedBy>({
  filter: WORDS,
  count: count(),
  reasons: Type.Array(Type.Object({ why: WORDS, hosts: Type.Array(HOST_NAME) })),
});

export const SCHEDULING = exactly<Scheduling>({
  host: HOST_NAME,
  among: count(),
  refused: Type.Array(REFUSED_BY),
});

/** The input of an operation that goes to a host: the one that an administrator named, or null. */
export interface HostInput {
  readonly host: string | null;
}

export const NAMED_HOST = nullable(text(255));
