import { Type } from 'typebox';
import { SERIAL_DECISION } from '../../model/messages/guest-verbs.ts';
import { oneOf } from '../../model/messages/primitives.ts';
import type { SerialDecision } from '../../model/serial.ts';
import type { LedgerEntry } from '../../serial/ledger-entry.ts';
import { outputSchema } from './stored-values.ts';

const { decided: _decided, ...ENTRY } = SERIAL_DECISION.properties;

/**
 * The step that writes a guest's definition: the serial that was decided for it. The ledger gets it when the
 * operation ends well.
 */
export const DEFINED = outputSchema<{ readonly serial: SerialDecision }>('define', {
  serial: SERIAL_DECISION,
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
