import type { MachineIdentity } from '../../model/machine-identity.ts';
import { SERIAL_DECISION } from '../../model/messages/guest-verbs.ts';
import { MACHINE_IDENTITY } from '../../model/messages/machine-identity.ts';
import { oneOf } from '../../model/messages/primitives.ts';
import { Type } from '../../model/schema.ts';
import type { SerialDecision } from '../../model/serial.ts';
import type { LedgerEntry } from '../../serial/ledger-entry.ts';
import { outputSchema } from './stored-values.ts';

const { decided: _decided, ...ENTRY } = SERIAL_DECISION.properties;

/**
 * The step that writes a guest's definition: the serial that was decided for it, and what else it is known
 * by. The ledger and the server get them when the operation ends well.
 */
export interface Defined {
  readonly serial: SerialDecision;
  /** Absent: an agent of release 0.1 defined the guest. */
  readonly machine?: MachineIdentity;
}

export const DEFINED = outputSchema<Defined>('define', {
  serial: SERIAL_DECISION,
  machine: Type.Optional(MACHINE_IDENTITY),
});

/**
 * The step after a live migration that works out what the next hard boot would do; nothing where the ledger
 * says it already.
 */
export const LOOKED_AHEAD = outputSchema<{ readonly pendingSerial: LedgerEntry }>('look ahead', {
  pendingSerial: Type.Object({
    ...ENTRY,
    effect: oneOf(['booted', 'pending', 'refused', 'settled']),
  }),
});
