import { Failure } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';

const ROOT = 'nameplate';

/** Encodes a name as one token of a subject, where `.`, `*`, `>` and spaces are special. One to one. */
export function tokenOf(name: string): string {
  return encodeURIComponent(name).replace(/[.*!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}

/** Decodes a token of {@link tokenOf}; undefined for any other text. */
export function nameOf(token: string): string | undefined {
  try {
    const name = decodeURIComponent(token);
    return tokenOf(name) === token ? name : undefined;
  } catch {
    return undefined;
  }
}

/** The subject on which a host's agent receives commands. */
export function commandSubject(host: HostName): string {
  return `${ROOT}.command.${hostToken(host)}`;
}

/** The subject on which the agents that serve a host answer. */
export function servingSubject(host: HostName): string {
  return `${ROOT}.serving.${hostToken(host)}`;
}

/**
 * The subject on which a requester receives the reply of a host. It names the host, so that no host can
 * reply for another.
 */
export function replySubject(host: HostName, requester: string, id: number | '*'): string {
  return `${ROOT}.reply.${hostToken(host)}.${requester}.${id}`;
}

/** All replies to one requester. */
export function repliesTo(requester: string): string {
  return `${ROOT}.reply.*.${requester}.*`;
}

/**
 * The subject on which a host publishes its events. Each host has one, so that its waiting events can be
 * limited. `news` is the name from release 0.1.
 */
export function eventSubject(host: HostName): string {
  return `${ROOT}.news.${hostToken(host)}.event`;
}

/** The subject on which a host reports itself. Only the last report counts. */
export function reportSubject(host: HostName): string {
  return `${ROOT}.news.${hostToken(host)}.host`;
}

/** The events and reports of all hosts. */
export const ALL_EVENTS = `${ROOT}.news.*.event`;
export const ALL_REPORTS = `${ROOT}.news.*.host`;
/** The subjects of agents of release 0.1: one for each guest, and one for each part of the inventory. */
export const ALL_EVENTS_OF_0_1 = [`${ROOT}.news.*.guest.*`, `${ROOT}.news.*.held.*`];

/** The host in the subject of an event; undefined for any other subject. */
export function hostOfEventSubject(subject: string): HostName | undefined {
  const [root, kind, token] = subject.split('.');
  return root === ROOT && kind === 'news' && token !== undefined ? (nameOf(token) as HostName) : undefined;
}

/** The subject on which a host receives replies to its own messages, below its own prefix. */
export function inboxSubject(host: HostName, ...rest: readonly string[]): string {
  return ['_INBOX', hostToken(host), ...rest].join('.');
}

/** The subjects that a connection may use, in NATS's terms. */
export interface SubjectPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** The permissions of an agent. All of them name its own host. */
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

/** The permissions of a replica of the control plane. */
export function permissionsOfControl(): SubjectPermissions {
  return { publish: [`${ROOT}.>`, '_INBOX.>', '$JS.>'], subscribe: [`${ROOT}.>`, '_INBOX.>'] };
}

function hostToken(host: HostName): string {
  if (host === '') throw new Failure('invalid', 'A compute host has a name of at least one character.');
  return tokenOf(host);
}
