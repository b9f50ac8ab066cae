import type { TSchema } from 'typebox';
import type { AgentEvent } from '../command.ts';
import type { ServerFiles } from '../guest.ts';
import { Type } from '../schema.ts';
import { GUEST_OBSERVATION } from './guest-verbs.ts';
import { HOST_REPORT } from './host-report.ts';
import { atLeast, FILE_WORD, HOST_NAME, list, UUID } from './primitives.ts';

type EventOf<Type extends AgentEvent['type']> = Extract<AgentEvent, { type: Type }>;

/** Servers in one inventory event: the bus limits the size of a message. */
export const MAX_INVENTORY = 500;
/** A server uses at most two disk sets. The limit leaves room for sets that crashes left behind. */
const MAX_DISK_SETS = 1_000;

const HELD_FILES = atLeast<ServerFiles>({ serverId: UUID, sets: list(FILE_WORD, MAX_DISK_SETS) });

/** What agents publish, by type. */
export const EVENTS: { readonly [Type in AgentEvent['type']]: TSchema } = {
  host: atLeast<EventOf<'host'>>({ type: Type.Literal('host'), report: HOST_REPORT }),
  guest: atLeast<EventOf<'guest'>>({
    type: Type.Literal('guest'),
    host: HOST_NAME,
    guest: GUEST_OBSERVATION,
    atStart: Type.Optional(Type.Literal(true)),
  }),
  inventory: atLeast<EventOf<'inventory'>>({
    type: Type.Literal('inventory'),
    host: HOST_NAME,
    servers: list(HELD_FILES, MAX_INVENTORY),
  }),
};
