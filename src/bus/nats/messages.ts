import type { AgentNews, Command } from '../../model/command.ts';
import { asFailure, Failure, type FailureKind } from '../../model/failure.ts';

/** What an asker sends to a host. */
export type Asked = { readonly ask: Command } | AskedAbout;

/** What reached a host: its command has not been parsed yet. */
export type Heard = { readonly ask: unknown } | AskedAbout;

type AskedAbout =
  /** Names the reply subject of the command that is given up. */
  | { readonly cancel: string }
  /** Names the reply subject of a command whose answer has not come: is it being carried out? */
  | { readonly still: string };

/** What a host, or whoever took news in, sends back. */
export type Answered =
  /** The command is being carried out. */
  | { readonly alive: true }
  /** `answer` is absent when there is nothing to say but that it was done. */
  | { readonly done: true; readonly answer?: unknown }
  | { readonly failed: FailureText };

/** News, and how who tells them is answered: below the inbox of the subject's host, so nobody can have an answer sent elsewhere. */
export interface Told {
  readonly told: AgentNews;
  /** Tells one teller from another, and one telling from another. */
  readonly teller: string;
  readonly id: number;
}

interface FailureText {
  readonly kind: string;
  readonly message: string;
  readonly operatorText: string;
}

const KINDS: Readonly<Record<FailureKind, true>> = {
  invalid: true,
  unauthenticated: true,
  forbidden: true,
  'not-found': true,
  conflict: true,
  'over-quota': true,
  'too-many-requests': true,
  'too-large': true,
  'unsupported-media': true,
  'not-acceptable': true,
  'not-implemented': true,
  unavailable: true,
  'out-of-space': true,
  'timed-out': true,
  'outcome-unknown': true,
  internal: true,
};

export function encode(message: Asked | Answered | Told): Uint8Array {
  return Buffer.from(JSON.stringify(message));
}

/** Characters of a failure's two texts that travel; the rest is cut off. */
const LONGEST_MESSAGE = 1_000;
const LONGEST_OPERATOR_TEXT = 16_000;

/** A failure as it travels. */
export function failed(thrown: unknown): Answered {
  return { failed: cut(asFailure(thrown)) };
}

function cut({ kind, message, operatorText }: FailureText): FailureText {
  return {
    kind,
    message: message.slice(0, LONGEST_MESSAGE),
    operatorText: operatorText.slice(0, LONGEST_OPERATOR_TEXT),
  };
}

/** The failure that came. A kind that a newer agent made up is `internal`. */
export function failureFrom({ kind, message, operatorText }: FailureText): Failure {
  return new Failure(Object.hasOwn(KINDS, kind) ? (kind as FailureKind) : 'internal', message, {
    operatorText,
  });
}

/** Reads a message to an agent; undefined when it is none of ours. `parseCommand` parses the command in it. */
export function decodeAsked(data: Uint8Array): Heard | undefined {
  const read = decodeObject(data);
  if (read === undefined) return undefined;
  const { ask, cancel, still } = read;
  if (typeof cancel === 'string') return { cancel };
  if (typeof still === 'string') return { still };
  return typeof ask === 'object' && ask !== null ? { ask } : undefined;
}

/** Reads an answer; undefined when it is none of ours, such as the acknowledgement of a stream that somebody directed here. */
export function decodeAnswered(data: Uint8Array): Answered | undefined {
  const read = decodeObject(data);
  if (read === undefined) return undefined;
  if (read.alive === true) return { alive: true };
  if (read.done === true) return { done: true, answer: read.answer };
  const { kind, message, operatorText } = (read.failed ?? {}) as Record<string, unknown>;
  const isText = (value: unknown) => typeof value === 'string';
  if (!isText(kind) || !isText(message) || !isText(operatorText)) return undefined;
  return { failed: cut({ kind, message, operatorText } as FailureText) };
}

/** An event as it came out of the stream: `parseEvent` parses what is told in it. */
export interface Envelope extends Pick<Told, 'teller' | 'id'> {
  readonly told: unknown;
}

/** Reads the envelope of an event; undefined when nobody could be answered. */
export function decodeTold(data: Uint8Array): Envelope | undefined {
  const { told, teller, id } = decodeObject(data) ?? {};
  if (typeof teller !== 'string' || !/^[\w-]{1,64}$/.test(teller) || !Number.isSafeInteger(id))
    return undefined;
  return { told, teller, id: id as number };
}

function decodeObject(data: Uint8Array): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'),
    );
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
