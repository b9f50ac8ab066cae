import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '../../src/bus/bus.ts';
import type { AgentEvent, Command } from '../../src/model/command.ts';
import { Failure } from '../../src/model/failure.ts';
import type { HostName, ServerId } from '../../src/model/ids.ts';

const never = new AbortController().signal;

function start(): Command<'start'> {
  return { verb: 'start', server: randomUUID() as ServerId };
}

function observe(): Command<'observe'> {
  return { verb: 'observe', server: randomUUID() as ServerId };
}

function eventOf(server: string, host = 'kant'): AgentEvent {
  return { type: 'guest', host: host as HostName, guest: { serverId: server as ServerId, power: 'running' } };
}

function newHost(): HostName {
  return `host-${randomUUID()}` as HostName;
}

function isFailure(kind: string) {
  return (error: unknown) => {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.kind, kind);
    assert.notEqual(error.message, '');
    return true;
  };
}

/** Every sentence of the promise in `src/bus/bus.ts`, asked of one implementation. */
export function busLaws(name: string, open: () => Promise<Bus>): void {
  describe(`the promise of the bus, kept by ${name}`, () => {
    let bus: Bus;
    before(async () => {
      bus = await open();
    });
    after(() => bus.close());
    describe('commands', () => commandLaws(() => bus));
    describe('events', () => eventLaws(() => bus));
    closingLaw(open);
  });
}

function commandLaws(bus: () => Bus): void {
  it('reach the host that they are for, as they were asked, and bring its answer', async () => {
    const [here, there] = [newHost(), newHost()];
    const seen: [HostName, Command][] = [];
    for (const host of [here, there])
      await bus().serve(host, async (command) => {
        seen.push([host, command]);
        return { serverId: 'server' in command ? command.server : '', power: 'paused' };
      });
    const command = observe();
    const answer = await bus().request(there, command, never);
    assert.deepEqual(answer, { serverId: command.server, power: 'paused' });
    assert.deepEqual(seen, [[there, command]]);
  });

  it('bring the failure of the agent, with its kind and both its texts', async () => {
    const host = newHost();
    await bus().serve(host, async () => {
      throw new Failure('out-of-space', 'No room.', { operatorText: '/dev/sda is full' });
    });
    await assert.rejects(bus().request(host, start(), never), (error) => {
      assert.ok(error instanceof Failure);
      assert.deepEqual(
        [error.kind, error.message, error.operatorText],
        ['out-of-space', 'No room.', '/dev/sda is full'],
      );
      return true;
    });
  });

  it('to a host that no agent serves, or serves no more, are unavailable', async () => {
    const host = newHost();
    await assert.rejects(bus().request(host, start(), never), isFailure('unavailable'));
    const stop = await bus().serve(host, async () => undefined);
    await bus().request(host, start(), never);
    await stop();
    await assert.rejects(bus().request(host, start(), never), isFailure('unavailable'));
    await bus().serve(host, async () => undefined);
    await bus().request(host, start(), never);
  });

  it('can be asked at once where the bus is there', async () => {
    await bus().opened(never);
  });

  it('side by side do not wait for each other', async () => {
    const host = newHost();
    const waiting = Promise.withResolvers<void>();
    const slow = start();
    await bus().serve(host, async (command) => {
      if ('server' in command && command.server === slow.server) await waiting.promise;
      return undefined;
    });
    const first = bus().request(host, slow, never);
    await bus().request(host, start(), never);
    waiting.resolve();
    await first;
  });

  it('that are given up say timed-out, and the agent is told', async () => {
    const host = newHost();
    const began = Promise.withResolvers<void>();
    const told = Promise.withResolvers<void>();
    await bus().serve(host, async (_command, signal) => {
      signal.addEventListener('abort', () => told.resolve());
      began.resolve();
      await new Promise(() => {});
    });
    const giveUp = new AbortController();
    const asked = bus().request(host, start(), giveUp.signal);
    await began.promise;
    giveUp.abort();
    await assert.rejects(asked, isFailure('timed-out'));
    await told.promise;
  });

  it('given up before they are sent are not sent', async () => {
    const host = newHost();
    let asked = 0;
    await bus().serve(host, async () => void asked++);
    await assert.rejects(bus().request(host, start(), AbortSignal.abort()), isFailure('timed-out'));
    await bus().request(host, start(), never);
    assert.equal(asked, 1);
  });

  it('have one agent a host', async () => {
    const host = newHost();
    await bus().serve(host, async () => undefined);
    await assert.rejects(
      bus().serve(host, async () => undefined),
      isFailure('conflict'),
    );
  });
}

function eventLaws(bus: () => Bus): void {
  it('are heard one at a time, in order, and telling waits until they were taken in', async () => {
    const heard: string[] = [];
    let listening = 0;
    await bus().subscribe(async (event) => {
      assert.equal(++listening, 1, 'one at a time');
      await new Promise((resolve) => setImmediate(resolve));
      listening--;
      heard.push(event.type === 'guest' ? event.guest.serverId : '');
    });
    const names = Array.from({ length: 20 }, () => randomUUID());
    await Promise.all(names.map((name) => bus().publish(eventOf(name))));
    assert.deepEqual(heard, names);
    const last = randomUUID();
    await bus().publish(eventOf(last));
    assert.equal(heard.at(-1), last);
  });

  it('that a listener does not take are its teller to know, and the next are heard all the same', async () => {
    const heard: string[] = [];
    const [bad, good] = [randomUUID(), randomUUID()];
    await bus().subscribe(async (event) => {
      const server = event.type === 'guest' ? event.guest.serverId : '';
      heard.push(server);
      if (server === bad) throw new Failure('internal', 'no');
    });
    await assert.rejects(bus().publish(eventOf(bad)), isFailure('internal'));
    await bus().publish(eventOf(good));
    assert.deepEqual(heard, [bad, good]);
  });

  it('may be answered with a question to the host', async () => {
    const host = newHost();
    await bus().serve(host, async (command) => ({
      serverId: 'server' in command ? command.server : '',
      power: 'shutdown',
    }));
    const found = Promise.withResolvers<string>();
    await bus().subscribe(async (event) => {
      if (event.type !== 'guest' || event.host !== host) return;
      const guest = await bus().request(host, { verb: 'observe', server: event.guest.serverId }, never);
      found.resolve(guest.power);
    });
    await bus().publish(eventOf(randomUUID(), host));
    assert.equal(await found.promise, 'shutdown');
  });
}

function closingLaw(open: () => Promise<Bus>): void {
  it('answers nothing once it is closed', async () => {
    const bus = await open();
    const host = newHost();
    await bus.serve(host, async () => undefined);
    await bus.close();
    await assert.rejects(bus.request(host, start(), never), isFailure('unavailable'));
    await bus.close();
  });
}
