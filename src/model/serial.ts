import type { HostName, OperationId, ServerId } from './ids.ts';

/** Where a serial's value comes from: the server's own UUID, the host's machine-id, the host's hardware UUID, or there is no serial. */
export type SerialSource = 'server' | 'os' | 'hardware' | 'none';

/** An input of a decision, with the value it had. */
export interface SerialInput {
  readonly input: 'flavor' | 'image' | 'host';
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

/** One serial that a guest was given. Records are only added: the ledger. */
export interface SerialRecord extends Omit<SerialDecision, 'decided'> {
  readonly serverId: ServerId;
  readonly operationId: OperationId;
  /** The kind of operation, e.g. `rebuild-server`. */
  readonly operation: string;
  /** `pending`: decided, and waits for the guest's next hard boot. */
  readonly effect: 'booted' | 'pending';
  /** Epoch milliseconds */
  readonly at: number;
}
