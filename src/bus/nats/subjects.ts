import { Failure } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';

const ROOT = 'nameplate';

/**
 * A name as one token of a subject, in which `.`, `*`, `>` and spaces have a meaning of their own. One to
 * one.
 */
export function tokenOf(name: string): string {
  return encodeURIComponent(name).replace(/[.*!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}

/** The name that {@link tokenOf} made the token of; undefined when it made it of none. */
export function nameOf(token: string): string | undefined {
  try {
    const name = decodeURIComponent(token);
    return tokenOf(name) === token ? name : undefined;
  } catch {
    return undefined;
  }
}

/** Where a host's agent receives commands. */
export function commandSubject(host: HostName): string {
  return `${ROOT}.command.${hostToken(host)}`;
}

/** Where the agents that serve a host say so. */
export function servingSubject(host: HostName): string {
  return `${ROOT}.serving.${hostToken(host)}`;
}

/**
 * Where a requester receives the reply of a host: the subject names the host, so that none can reply for
 * another.
 */
export function replySubject(host: HostName, requester: string, id: number | '*'): string {
  return `${ROOT}.reply.${hostToken(host)}.${requester}.${id}`;
}

/** Every reply to one requester. */
export function repliesTo(requester: string): string {
  return `${ROOT}.reply.*.${requester}.*`;
}

/**
 * Where a host publishes its events: one subject a host, so that what waits of it can be bounded. `news` is
 * the word of 0.1.
 */
export function eventSubject(host: HostName): string {
  return `${ROOT}.news.${hostToken(host)}.event`;
}

/** Where a host reports itself: the last report counts. */
export function reportSubject(host: HostName): string {
  return `${ROOT}.news.${hostToken(host)}.host`;
}

/** The events and the reports of all hosts. */
export const ALL_EVENTS = `${ROOT}.news.*.event`;
export const ALL_REPORTS = `${ROOT}.news.*.host`;
/** Where agents of release 0.1 publish: one subject a guest, and one for each part of the inventory. */
export const ALL_EVENTS_OF_0_1 = [`${ROOT}.news.*.guest.*`, `${ROOT}.news.*.held.*`];

/** The host that an event's subject names; undefined when it is none. */
export function hostOfEventSubject(subject: string): HostName | undefined {
  const [root, kind, token] = subject.split('.');
  return root === ROOT && kind === 'news' && token !== undefined ? (nameOf(token) as HostName) : undefined;
}

/** Where a host receives replies to its own messages, below its own prefix. */
export function inboxSubject(host: HostName, ...rest: readonly string[]): string {
  return ['_INBOX', hostToken(host), ...rest].join('.');
}

/** What a connection may do, in NATS's terms. */
export interface SubjectPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** What an agent may do: all of it names its own host. */
export function permissionsOfAgent(host: HostName): SubjectPermissions {
  return {
    publish: [
      `${ROOT}.reply.${hostToken(host)}.>`,
      reportSubject(host),
      eventSubject(host),
      servingSubject(host),
    ],
    subscribe: [commandSubject(host), servingSubject(host), inboxSubject(host, '>')],
  };
}

/** What a replica of the control plane may do. */
export function permissionsOfControl(): SubjectPermissions {
  return { publish: [`${ROOT}.>`, '_INBOX.>', '$JS.>'], subscribe: [`${ROOT}.>`, '_INBOX.>'] };
}

function hostToken(host: HostName): string {
  if (host === '') throw new Failure('invalid', 'A compute host has a name of at least one character.');
  return tokenOf(host);
}
