import { type DefinedGuest, GUEST_COMMANDS, type GuestCommand } from '../command.ts';
import type { GuestObservation } from '../guest.ts';
import type { GuestReading } from '../guest-reading.ts';
import { Type } from '../schema.ts';
import type { SerialDecision, SerialInput } from '../serial.ts';
import { POWER_STATES } from '../server.ts';
import { GUEST_CPU } from './guest-cpu.ts';
import { GUEST_PLAN } from './guest-plan.ts';
import { MACHINE_IDENTITY, READ_IDENTITY } from './machine-identity.ts';
import {
  atLeast,
  count,
  type FieldsOf,
  HOST_NAME,
  line,
  list,
  nullable,
  oneOf,
  text,
  UUID,
} from './primitives.ts';
import type { VerbSchemas } from './verb.ts';

/** An agent's observation of a guest. */
export const GUEST_OBSERVATION = atLeast<GuestObservation>({
  serverId: UUID,
  power: oneOf([...Object.keys(POWER_STATES), 'absent']),
});

const INPUTS = list(
  atLeast<SerialInput>({
    input: oneOf(['import', 'flavor', 'image', 'host', 'architecture']),
    value: text(255),
  }),
  10,
);

export const SERIAL_DECISION = atLeast<SerialDecision>({
  decided: Type.Literal(true),
  serial: nullable(line(64)),
  source: oneOf(['server', 'os', 'hardware', 'import', 'none']),
  because: INPUTS,
  overruled: INPUTS,
  host: HOST_NAME,
});

/** Agents of release 0.1 reply the decision alone. */
const DEFINED_GUEST = atLeast<DefinedGuest>({
  ...(SERIAL_DECISION.properties as FieldsOf<SerialDecision>),
  machine: Type.Optional(MACHINE_IDENTITY),
});

/** Interfaces that a guest can have, with room for those that were added outside of Nameplate. */
const MAX_INTERFACES = 500;

const GUEST_READING = atLeast<GuestReading>({
  uuid: line(64),
  serial: nullable(line(255)),
  macs: list(line(64), MAX_INTERFACES),
  machine: MACHINE_IDENTITY,
  cpu: Type.Optional(nullable(GUEST_CPU)),
});

/** A driver reads at most the last MiB of a console log. */
const CONSOLE_LOG = text(1024 * 1024);
const KEPT_DEFINITION = { ask: { server: UUID, operation: UUID }, reply: null };
const IN_TIME = { ask: { server: UUID, timeoutMs: count() }, reply: Type.Boolean() };

/** Commands about a guest and its definition. */
export const GUEST_VERBS: VerbSchemas<
  | (
      | 'define'
      | 'restore-definition'
      | 'forget-definition'
      | 'shutdown'
      | 'soft-reboot'
      | 'observe'
      | 'machine-identity'
      | 'read-guest'
      | 'console-log'
    )
  | GuestCommand
> = {
  ...namesGuestOnly(),
  define: { ask: { plan: GUEST_PLAN, operation: UUID }, reply: DEFINED_GUEST },
  'restore-definition': KEPT_DEFINITION,
  'forget-definition': KEPT_DEFINITION,
  shutdown: IN_TIME,
  'soft-reboot': IN_TIME,
  observe: { ask: { server: UUID }, reply: GUEST_OBSERVATION },
  'machine-identity': { ask: { server: UUID }, reply: nullable(READ_IDENTITY), since: 2 },
  'read-guest': { ask: { server: UUID }, reply: nullable(GUEST_READING), since: 2 },
  'console-log': { ask: { server: UUID, lines: nullable(count()) }, reply: CONSOLE_LOG },
};

function namesGuestOnly(): VerbSchemas<GuestCommand> {
  const schema = { ask: { server: UUID }, reply: null };
  const schemas = Object.entries(GUEST_COMMANDS).map(([verb, needs]) => [verb, { ...schema, ...needs }]);
  return Object.fromEntries(schemas);
}
