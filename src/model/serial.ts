import type { HostName, OperationId, ServerId } from './ids.ts';

/**
 * The source of a serial's value: the server's own UUID, the host's machine-id, the host's hardware UUID, or
 * what the server was imported with. `none`: there is no serial. `outside`: nobody decided it; the guest was
 * started from a definition that something else than Nameplate had changed.
 */
export type SerialSource = 'server' | 'os' | 'hardware' | 'import' | 'none' | 'outside';

/** An input of a decision, with its value. */
export interface SerialInput {
  readonly input: 'import' | 'flavor' | 'image' | 'host' | 'architecture';
  readonly value: string;
}

/** A serial with its reasons. */
export interface SerialDecision {
  readonly decided: true;
  /** null: the guest's SMBIOS table gets no serial entry */
  readonly serial: string | null;
  readonly source: SerialSource;
  /** The inputs that demanded this serial. */
  readonly because: readonly SerialInput[];
  /** The inputs that demanded another serial and lost. */
  readonly overruled: readonly SerialInput[];
  /** The host that the decision was made for. */
  readonly host: HostName;
}

/** The guest cannot have a serial: it needs the host's source, and that is broken. */
export interface SerialRefusal {
  readonly decided: false;
  readonly host: HostName;
  /** Names the file and what it must hold. */
  readonly why: string;
}

/**
 * The meaning of a serial record. `booted`: the guest booted with the serial. `pending`: its next hard boot
 * would give it this other serial. `refused`: its next hard boot would be refused. `settled`: its next hard
 * boot would keep the serial, after a record that said otherwise.
 */
export type SerialEffect = 'booted' | 'pending' | 'refused' | 'settled';

/** A record of the append-only ledger. `refused` has no serial. */
export interface SerialRecord extends Omit<SerialDecision, 'decided'> {
  readonly serverId: ServerId;
  /** null: a report of the server's host caused the record, and no operation */
  readonly operationId: OperationId | null;
  /** The kind of operation, e.g. `rebuild-server`, or `host-report`. */
  readonly operation: string;
  readonly effect: SerialEffect;
  /** Epoch milliseconds */
  readonly at: number;
}
