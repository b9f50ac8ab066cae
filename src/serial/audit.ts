import type { ServerId } from '../model/ids.ts';
import type { SerialRecord } from '../model/serial.ts';

/** Servers with the same serial. */
export interface SharedSerial {
  readonly serial: string;
  /** The record of each server's last boot. */
  readonly servers: readonly SerialRecord[];
}

/** A server that booted with more than one serial in its life. */
export interface ChangedSerial {
  readonly serverId: ServerId;
  /** The first record of each serial, oldest first. */
  readonly serials: readonly SerialRecord[];
}

export interface SerialAudit {
  readonly shared: readonly SharedSerial[];
  readonly changed: readonly ChangedSerial[];
}

/**
 * Finds shared and changed serials. Only boots count; servers without a serial share none.
 * @param ledger records of any servers, each server's oldest first
 * @param alive servers that exist; records of others are ignored
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

/**
 * The record of each server's last boot.
 * @param ledger each server's records oldest first
 */
export function currentSerials(ledger: Iterable<SerialRecord>): Map<ServerId, SerialRecord> {
  const current = new Map<ServerId, SerialRecord>();
  for (const record of ledger) if (record.effect === 'booted') current.set(record.serverId, record);
  return current;
}
