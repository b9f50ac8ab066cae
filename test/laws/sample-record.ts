import { randomUUID } from 'node:crypto';
import type { HostName, OperationId, ServerId } from '../../src/model/ids.ts';
import type { SerialRecord } from '../../src/model/serial.ts';

/** The record of a guest that was made with its own serial, with these fields instead of the usual ones. */
export function sampleRecord(serverId: ServerId, fields: Partial<SerialRecord> = {}): SerialRecord {
  return {
    serverId,
    serial: serverId,
    source: 'server',
    because: [{ input: 'flavor', value: 'true' }],
    overruled: [{ input: 'host', value: 'os' }],
    host: 'h' as HostName,
    operationId: randomUUID() as OperationId,
    operation: 'create-server',
    effect: 'booted',
    at: 9,
    ...fields,
  };
}
