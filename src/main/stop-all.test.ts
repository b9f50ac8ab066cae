import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { logLine } from '../../test/lab/log-line.ts';
import { Failure } from '../model/failure.ts';
import { stopAll, stoppedOnFailure } from './stop-all.ts';

/** Components that say when they are stopped; those named fail to. */
function components(failing: readonly string[]) {
  const stopped: string[] = [];
  const lines: string[] = [];
  return {
    ...{ stopped, lines },
    log: (...event: Parameters<typeof logLine>) => void lines.push(logLine(...event)),
    stop: (name: string) => async () => {
      stopped.push(name);
      if (failing.includes(name)) throw new Failure('internal', `${name} hangs`);
    },
  };
}

describe('components that were started', () => {
  it('are stopped in the other order, once; each that fails to stop is logged, and stops no other', async () => {
    const { stop, stopped, lines, log } = components(['app', 'engine', 'store']);
    const started = new AsyncDisposableStack();
    for (const name of ['store', 'bus', 'engine', 'app']) started.defer(stop(name));
    await stopAll(started, log);
    await stopAll(started, log);
    assert.deepEqual(stopped, ['app', 'engine', 'bus', 'store']);
    assert.deepEqual(
      lines,
      ['app', 'engine', 'store'].map((name) => logLine('component-stop-failed', { why: `${name} hangs` })),
    );
  });

  it('are stopped when a later one cannot start, whose failure is thrown', async () => {
    const { stop, stopped, lines, log } = components(['bus']);
    const building = stoppedOnFailure(log, async (started) => {
      started.defer(stop('store'));
      started.defer(stop('bus'));
      throw new Error('no port');
    });
    await assert.rejects(building, { message: 'no port' });
    assert.deepEqual(stopped, ['bus', 'store']);
    assert.deepEqual(lines, [logLine('component-stop-failed', { why: 'bus hangs' })]);
  });
});
