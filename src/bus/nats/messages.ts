import type { Command } from '../../model/command.ts';
import { asFailure, Failure, type FailureKind } from '../../model/failure.ts';
import { FIRST_PROTOCOL } from '../../model/protocol.ts';

/** A message to an agent. All messages here have the field names of release 0.1. */
export type CommandMessage = { readonly ask: Command; readonly protocol: number } | AboutCommand;

/** A message as an agent receives it: its command is unchecked. */
export type ReceivedCommand =
  | { readonly ask: unknown /** The version of the control plane. */; readonly protocol: number }
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
  /** `answer` is absent for a command with an empty reply. */
  | { readonly done: true; readonly answer?: unknown }
  | { readonly failed: FailureText };

/**
 * An event with the address of its reply. The address is below the inbox of the subject's host, so that no
 * host can direct a reply to another one.
 */
export interface EventMessage {
  /** The event from `eventToWire`; at the receiver it is unchecked. */
  readonly told: unknown;
  /** The publisher, and the sequence number of this event. */
  readonly teller: string;
  readonly id: number;
  /** The protocol version of the agent. */
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
  gone: true,
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

/** Maximum characters of a failure's two texts in a message; longer texts are cut. */
const MAX_MESSAGE_LENGTH = 1_000;
const MAX_OPERATOR_TEXT = 16_000;

/** A failure as a reply. */
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

/** The failure of a reply. A kind of a newer release becomes `internal`. */
export function failureFrom({ kind, message, operatorText }: FailureText): Failure {
  return new Failure(Object.hasOwn(KINDS, kind) ? (kind as FailureKind) : 'internal', message, {
    operatorText,
  });
}

/**
 * Decodes a message to an agent. `parseCommand` then parses its command.
 * @returns undefined for any other message
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
 * Decodes a reply.
 * @returns undefined for any other message, such as the acknowledgement of a stream that a peer directed
 *   here
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

/** Decodes an event's envelope. @returns undefined when it has no address for the reply */
export function decodeEvent(data: Uint8Array): EventMessage | undefined {
  const { told, teller, id, protocol } = decodeObject(data) ?? {};
  if (typeof teller !== 'string' || !/^[\w-]{1,64}$/.test(teller) || !Number.isSafeInteger(id))
    return undefined;
  return { told, teller, id: id as number, protocol: protocolIn(protocol) };
}

/** The protocol version of a message; release 0.1 sends none. */
function protocolIn(version: unknown): number {
  return Number.isSafeInteger(version) ? (version as number) : FIRST_PROTOCOL;
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
