import { type TSchema, Type } from 'typebox';
import type { AgentNews } from '../command.ts';
import type { HeldFiles } from '../guest.ts';
import { GUEST_OBSERVATION } from './guest-verbs.ts';
import { HOST_REPORT } from './host-report.ts';
import { atLeast, FILE_WORD, HOST_NAME, list, UUID } from './primitives.ts';

type News<Kind extends AgentNews['news']> = Extract<AgentNews, { news: Kind }>;

/** Of how many servers one event tells what the host holds of them. */
export const MOST_HELD = 500;
/** A server has two disk sets in use at most; what crashes left behind comes on top. */
const MOST_SETS = 1_000;

const HELD_FILES = atLeast<HeldFiles>({ serverId: UUID, sets: list(FILE_WORD, MOST_SETS) });

/** What agents tell unasked, by kind. */
export const EVENTS: { readonly [Kind in AgentNews['news']]: TSchema } = {
  host: atLeast<News<'host'>>({ news: Type.Literal('host'), report: HOST_REPORT }),
  guest: atLeast<News<'guest'>>({
    news: Type.Literal('guest'),
    host: HOST_NAME,
    guest: GUEST_OBSERVATION,
    atStart: Type.Optional(Type.Literal(true)),
  }),
  held: atLeast<News<'held'>>({
    news: Type.Literal('held'),
    host: HOST_NAME,
    held: list(HELD_FILES, MOST_HELD),
  }),
};
