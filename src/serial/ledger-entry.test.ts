import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HostName, OperationId, ServerId } from '../model/ids.ts';
import type { SerialDecision, SerialRecord, SerialRefusal } from '../model/serial.ts';
import { type LedgerEntry, ledgerHeadOf, nextLedgerEntry } from './ledger-entry.ts';
import { pendingOf } from './pending.ts';

const [A, B] = ['a', 'b'] as [HostName, HostName];
const gives = (serial: string | null, host = A): SerialDecision => ({
  ...{ decided: true, serial, host, source: 'os', because: [{ input: 'host', value: 'os' }], overruled: [] },
});
const refuses = (host = A): SerialRefusal => ({ decided: false, host, why: 'the machine-id is empty' });
const record = (entry: Pick<LedgerEntry, 'serial' | 'effect' | 'host'>): SerialRecord => ({
  serverId: '5e51a1b2-0000-4000-8000-000000000001' as ServerId,
  operationId: '5e51a1b2-0000-4000-8000-000000000002' as OperationId,
  ...{ source: 'os', because: [], overruled: [], operation: 'x', at: 1, ...entry },
});
const booted = (serial: string | null, host = A) => record({ serial, host, effect: 'booted' });
const missing = (records: readonly SerialRecord[], next: SerialDecision | SerialRefusal) =>
  nextLedgerEntry(ledgerHeadOf(records), next);

describe("what a server's ledger lacks", () => {
  it('is nothing before the first boot, and nothing while the guest would keep its serial', () => {
    assert.equal(missing([], gives('1')), undefined);
    assert.equal(missing([booted('1')], gives('1')), undefined);
    assert.equal(missing([booted(null)], gives(null)), undefined);
  });

  it('is a pending line when the next hard boot would change the serial, once', () => {
    const entry = missing([booted('1')], gives('2'))!;
    assert.deepEqual([entry.effect, entry.serial, entry.host], ['pending', '2', A]);
    assert.equal(missing([booted('1'), record(entry)], gives('2')), undefined);
    assert.equal(missing([booted('1'), record(entry)], gives('3'))?.serial, '3');
    assert.equal(missing([booted('1'), record(entry)], gives('2', B))?.host, B);
  });

  it('is a refused line when the next hard boot would be refused, once', () => {
    const entry = missing([booted('1')], refuses())!;
    assert.deepEqual([entry.effect, entry.serial], ['refused', null]);
    assert.equal(missing([booted('1'), record(entry)], refuses()), undefined);
  });

  it('is a settled line when what waited does not any more', () => {
    const waits = record(missing([booted('1')], gives('2'))!);
    const entry = missing([booted('1'), waits], gives('1'))!;
    assert.deepEqual([entry.effect, entry.serial], ['settled', '1']);
    assert.equal(missing([booted('1'), waits, record(entry)], gives('1')), undefined);
    assert.equal(missing([booted('1'), waits, booted('2')], gives('2')), undefined);
  });

  it('is nothing after it was added, whatever comes in turn, and then the ledger says what is pending', () => {
    const anyNext = fc.oneof(
      fc
        .record({ serial: fc.constantFrom('1', '2', null), host: fc.constantFrom(A, B) })
        .map((of) => gives(of.serial, of.host)),
      fc.constantFrom(refuses(A), refuses(B)),
    );
    fc.assert(
      fc.property(fc.array(anyNext), (all) => {
        const records = [booted('1')];
        for (const next of all) {
          const entry = missing(records, next);
          if (entry !== undefined) records.push(record(entry));
          assert.equal(missing(records, next), undefined);
          const { current, last } = ledgerHeadOf(records);
          const waits = last?.effect === 'pending' || last?.effect === 'refused';
          assert.equal(waits, pendingOf(current, next) !== null);
        }
      }),
    );
  });
});
