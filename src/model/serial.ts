import type { HostName, OperationId, ServerId } from './ids.ts';

/**
 * Where a serial's value comes from: the server's own UUID, the host's machine-id, the host's hardware UUID,
 * or there is no serial.
 */
export type SerialSource = 'server' | 'os' | 'hardware' | 'none';

/** An input of a decision, with the value it had. */
export interface SerialInput {
  readonly input: 'flavor' | 'image' | 'host' | 'architecture';
  readonly value: string;
}

/** A serial with all that explains it. */
export interface SerialDecision {
  readonly decided: true;
  /** null: the guest's SMBIOS table gets no serial entry */
  readonly serial: string | null;
  readonly source: SerialSource;
  /** The inputs that asked for this serial. */
  readonly because: readonly SerialInput[];
  /** The inputs that asked for another and lost. */
  readonly overruled: readonly SerialInput[];
  /** The host that the decision was made for. */
  readonly host: HostName;
}

/** No serial can be given: the host's source is needed and broken. */
export interface SerialRefusal {
  readonly decided: false;
  readonly host: HostName;
  /** Names the file and what it must hold. */
  readonly why: string;
}

/**
 * What a line of the ledger says: the guest was `booted` with the serial; its next hard boot would give it
 * this other one (`pending`), or would be `refused`; or it would give the one that the guest has, again
 * (`settled`).
 */
export type SerialEffect = 'booted' | 'pending' | 'refused' | 'settled';

/** A line of the ledger, to which lines are only added. `refused` has no serial. */
export interface SerialRecord extends Omit<SerialDecision, 'decided'> {
  readonly serverId: ServerId;
  /** null: no operation, but a report of the host that the server is on */
  readonly operationId: OperationId | null;
  /** The kind of operation, e.g. `rebuild-server`, or `host-report`. */
  readonly operation: string;
  readonly effect: SerialEffect;
  /** Epoch milliseconds */
  readonly at: number;
}
