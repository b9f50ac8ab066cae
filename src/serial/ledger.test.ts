import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HostName, OperationId, ServerId } from '../model/ids.ts';
import type { SerialRecord } from '../model/serial.ts';
import { standingOf } from './ledger.ts';

const A = 'a' as HostName;
const B = 'b' as HostName;
const record = (serial: string | null, effect: SerialRecord['effect'], host = A): SerialRecord => ({
  serverId: '5e51a1b2-0000-4000-8000-000000000001' as ServerId,
  operationId: '5e51a1b2-0000-4000-8000-000000000002' as OperationId,
  ...{ serial, effect, host, source: 'os', because: [], overruled: [], operation: 'x', at: 1 },
});

describe('what a ledger says of now', () => {
  it('nothing, before the first start', () => {
    assert.deepEqual(standingOf([], A), { current: null, pending: null });
  });

  it('the last serial that the guest was started with', () => {
    const records = [record('1', 'booted'), record('2', 'booted')];
    assert.deepEqual(standingOf(records, A), { current: records[1], pending: null });
  });

  it('a change that waits where the server is', () => {
    const records = [record('1', 'booted'), record('2', 'pending', B)];
    assert.deepEqual(standingOf(records, B), { current: records[0], pending: records[1] });
  });

  it('no change that waited where the server has been', () => {
    const records = [record('1', 'booted'), record('2', 'pending', B)];
    assert.deepEqual(standingOf(records, A), { current: records[0], pending: null });
  });

  it('no change any more once it has come, and none that changes nothing', () => {
    const came = [record('1', 'booted'), record('2', 'pending', B), record('2', 'booted', B)];
    assert.deepEqual(standingOf(came, B), { current: came[2], pending: null });
    const same = [record('1', 'booted'), record('1', 'pending', B)];
    assert.deepEqual(standingOf(same, B).pending, null);
  });
});
