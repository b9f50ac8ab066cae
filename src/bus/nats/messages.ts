import type { Command } from '../../model/command.ts';
import { asFailure, Failure, type FailureKind } from '../../model/failure.ts';
import { FIRST_PROTOCOL } from '../../model/protocol.ts';

/** A message to an agent. The field names are those of release 0.1, as in every message here. */
export type CommandMessage = { readonly ask: Command; readonly protocol: number } | AboutCommand;

/** A message as it reached an agent: its command has not been parsed yet. */
export type ReceivedCommand =
  | { readonly ask: unknown /** Of the control plane. */; readonly protocol: number }
  | AboutCommand;

type AboutCommand =
  /** Cancels a command, named by its reply subject. */
  | { readonly cancel: string }
  /** Asks whether a command, named by its reply subject, is still in progress. */
  | { readonly still: string };

/** A reply of an agent to a command, or of a replica to an event. */
export type ReplyMessage =
  /** The command is in progress. */
  | { readonly alive: true }
  /** `answer` is absent when the command has no reply but that it was done. */
  | { readonly done: true; readonly answer?: unknown }
  | { readonly failed: FailureText };

/**
 * An event and where its reply goes: below the inbox of the subject's host, so that nobody can have a reply
 * sent elsewhere.
 */
export interface EventMessage {
  /** The event as `eventToWire` makes it; as it is received it has not been parsed. */
  readonly told: unknown;
  /** The publisher, and the number of this event among its events. */
  readonly teller: string;
  readonly id: number;
  /** Of the agent. */
  readonly protocol: number;
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
  'precondition-failed': true,
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

export function encode(message: CommandMessage | ReplyMessage | EventMessage): Uint8Array {
  return Buffer.from(JSON.stringify(message));
}

/** Characters of a failure's two texts that travel; the rest is cut off. */
const MAX_MESSAGE_LENGTH = 1_000;
const MAX_OPERATOR_TEXT = 16_000;

/** A failure as it travels. */
export function failed(thrown: unknown): ReplyMessage {
  return { failed: cut(asFailure(thrown)) };
}

function cut({ kind, message, operatorText }: FailureText): FailureText {
  return {
    kind,
    message: message.slice(0, MAX_MESSAGE_LENGTH),
    operatorText: operatorText.slice(0, MAX_OPERATOR_TEXT),
  };
}

/** The failure in a reply. A kind that only a newer peer knows is `internal`. */
export function failureFrom({ kind, message, operatorText }: FailureText): Failure {
  return new Failure(Object.hasOwn(KINDS, kind) ? (kind as FailureKind) : 'internal', message, {
    operatorText,
  });
}

/**
 * Reads a message to an agent; undefined when it is none of ours. `parseCommand` parses the command in it.
 */
export function decodeCommand(data: Uint8Array): ReceivedCommand | undefined {
  const read = decodeObject(data);
  if (read === undefined) return undefined;
  const { ask, cancel, still, protocol } = read;
  if (typeof cancel === 'string') return { cancel };
  if (typeof still === 'string') return { still };
  return typeof ask === 'object' && ask !== null ? { ask, protocol: protocolIn(protocol) } : undefined;
}

/**
 * Reads a reply; undefined when it is none of ours, such as the acknowledgement of a stream that somebody
 * directed here.
 */
export function decodeReply(data: Uint8Array): ReplyMessage | undefined {
  const read = decodeObject(data);
  if (read === undefined) return undefined;
  if (read.alive === true) return { alive: true };
  if (read.done === true) return { done: true, answer: read.answer };
  const { kind, message, operatorText } = (read.failed ?? {}) as Record<string, unknown>;
  const isText = (value: unknown) => typeof value === 'string';
  if (!isText(kind) || !isText(message) || !isText(operatorText)) return undefined;
  return { failed: cut({ kind, message, operatorText } as FailureText) };
}

/** Reads an event's envelope; undefined when it does not say where the reply goes. */
export function decodeEvent(data: Uint8Array): EventMessage | undefined {
  const { told, teller, id, protocol } = decodeObject(data) ?? {};
  if (typeof teller !== 'string' || !/^[\w-]{1,64}$/.test(teller) || !Number.isSafeInteger(id))
    return undefined;
  return { told, teller, id: id as number, protocol: protocolIn(protocol) };
}

/** What a message says of its sender's protocol; release 0.1 says nothing. */
function protocolIn(said: unknown): number {
  return Number.isSafeInteger(said) ? (said as number) : FIRST_PROTOCOL;
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
