import type { ServerId } from '../model/ids.ts';
import type { SerialRecord } from '../model/serial.ts';

/** Servers that have one serial among them. */
export interface SharedSerial {
  readonly serial: string;
  /** What each was last started with. */
  readonly servers: readonly SerialRecord[];
}

/** A server that was started with more than one serial in its life. */
export interface ChangedSerial {
  readonly serverId: ServerId;
  /** The first record of each serial in turn, oldest first. */
  readonly serials: readonly SerialRecord[];
}

export interface SerialAudit {
  readonly shared: readonly SharedSerial[];
  readonly changed: readonly ChangedSerial[];
}

/**
 * Who has the same serial as another, and whose has changed. Only what guests were started with counts; a server without a serial shares none.
 * @param ledger records of any servers, each server's oldest first
 * @param alive the servers that are there: others count for nothing
 */
export function auditSerials(ledger: Iterable<SerialRecord>, alive: ReadonlySet<ServerId>): SerialAudit {
  const lives = new Map<ServerId, { last: SerialRecord; serials: SerialRecord[] }>();
  for (const record of ledger) {
    if (record.effect !== 'booted' || !alive.has(record.serverId)) continue;
    const life = lives.get(record.serverId);
    if (life === undefined) lives.set(record.serverId, { last: record, serials: [record] });
    else {
      if (life.last.serial !== record.serial) life.serials.push(record);
      life.last = record;
    }
  }
  const bySerial = Map.groupBy(
    [...lives.values()].map(({ last }) => last),
    ({ serial }) => serial,
  );
  const shared = [...bySerial].flatMap(([serial, servers]) =>
    serial !== null && servers.length > 1 ? [{ serial, servers }] : [],
  );
  const changed = [...lives].flatMap(([serverId, { serials }]) =>
    serials.length > 1 ? [{ serverId, serials }] : [],
  );
  return { shared, changed };
}

/** What each server was last started with. @param ledger each server's oldest first */
export function currentSerials(ledger: Iterable<SerialRecord>): Map<ServerId, SerialRecord> {
  const current = new Map<ServerId, SerialRecord>();
  for (const record of ledger) if (record.effect === 'booted') current.set(record.serverId, record);
  return current;
}
