import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HostName, OperationId, ServerId } from '../model/ids.ts';
import type { SerialRecord } from '../model/serial.ts';
import { auditSerials } from './audit.ts';

const record = (
  server: string,
  serial: string | null,
  effect: SerialRecord['effect'] = 'booted',
): SerialRecord => ({
  serverId: server as ServerId,
  operationId: 'o' as OperationId,
  host: 'h' as HostName,
  ...{ serial, effect, source: 'os', because: [], overruled: [], operation: 'x', at: 1 },
});
const ids = (...servers: string[]) => new Set(servers as ServerId[]);

describe('an audit of serials', () => {
  it('finds servers that share a serial now', () => {
    const ledger = [record('a', '1'), record('b', '1'), record('c', '2')];
    const { shared, changed } = auditSerials(ledger, ids('a', 'b', 'c'));
    assert.deepEqual(shared, [{ serial: '1', servers: [ledger[0], ledger[1]] }]);
    assert.deepEqual(changed, []);
  });

  it('not those that shared it once, nor those that are gone, nor those without a serial', () => {
    const ledger = [
      ...[record('a', '1'), record('b', '1'), record('b', '2'), record('gone', '1')],
      ...[record('c', null), record('d', null), record('e', '1', 'pending')],
    ];
    assert.deepEqual(auditSerials(ledger, ids('a', 'b', 'c', 'd', 'e')).shared, []);
  });

  it('finds servers whose serial has changed, with each serial in turn', () => {
    const ledger = [
      ...[record('a', '1'), record('b', '9'), record('a', '1'), record('a', '2'), record('a', null)],
      ...[record('b', '9'), record('b', '8', 'pending'), record('a', '1')],
    ];
    const { changed } = auditSerials(ledger, ids('a', 'b'));
    assert.deepEqual(
      changed.map(({ serverId, serials }) => [serverId, serials.map(({ serial }) => serial)]),
      [['a', ['1', '2', null, '1']]],
    );
  });

  it('never finds anything where each server was only ever started with its own', () => {
    const anyServers = fc.array(fc.tuple(fc.uuid(), fc.nat(3)));
    fc.assert(
      fc.property(anyServers, (servers) => {
        const ledger = servers.flatMap(([id, starts]) =>
          Array.from({ length: starts }, () => record(id, id)),
        );
        const alive = ids(...servers.map(([id]) => id));
        assert.deepEqual(auditSerials(ledger, alive), { shared: [], changed: [] });
      }),
    );
  });
});
