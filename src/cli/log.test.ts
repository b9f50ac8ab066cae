import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLog } from './log.ts';

function listen(options: { readonly json: boolean; readonly debug?: boolean }) {
  const lines: string[] = [];
  const log = createLog({ debug: false, ...options, write: (line) => void lines.push(line) });
  return { log, lines };
}

describe('the log', () => {
  it('is a line of text an event: time, level, name, message, fields', () => {
    const { log, lines } = listen({ json: false });
    log('nats-lost', { why: 'closed', servers: ['a', 'b'] });
    log('shutting-down');
    const [lost, ending] = lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, ''));
    assert.equal(lost, 'WARN nats-lost: NATS connection lost why=closed servers="[\\"a\\",\\"b\\"]"\n');
    assert.equal(ending, 'INFO shutting-down: shutting down\n');
  });

  it('keeps an event on one line, whatever its fields hold', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    for (const json of [true, false]) {
      const { log, lines } = listen({ json });
      log('nats-lost', { why: 'two\nlines\u001b[31m', circle, none: undefined });
      assert.equal(lines.length, 1);
      assert.deepEqual(lines[0]?.match(/[\n\p{Cc}]/gu), ['\n']);
    }
  });

  it('is a JSON object an event with use_json', () => {
    const { log, lines } = listen({ json: true });
    log('nats-lost', { why: 'closed' });
    const { time, pid, hostname, ...rest } = JSON.parse(lines.join(''));
    assert.deepEqual(rest, {
      ...{ level: 'warn', event: 'nats-lost', message: 'NATS connection lost', why: 'closed' },
    });
    assert.ok(!Number.isNaN(Date.parse(time)));
    assert.equal(pid, process.pid);
    assert.equal(typeof hostname, 'string');
  });

  it('has requests only with debug', () => {
    for (const debug of [true, false]) {
      const { log, lines } = listen({ json: true, debug });
      log('request', { method: 'GET', url: '/' });
      assert.equal(lines.length, debug ? 1 : 0);
    }
  });
});
