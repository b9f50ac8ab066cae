import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encode, i32, struct } from '../src/codec.ts';
import { eventBacklog } from '../src/event-stream.ts';
import { connect, EventsMissed } from '../src/index.ts';
import { domain } from '../src/remote-types.ts';
import { event, none, type Received, reply, startFakeDaemon } from './fake-daemon.ts';

const guest = { name: 'g', uuid: '11111111-0000-4000-8000-000000000000', id: 1 };
const message = struct({ callbackId: i32, domain, event: i32, detail: i32 });
const lifecycle = (callbackId: number, number: number) =>
  event(318, encode(message, { callbackId, domain: guest, event: number, detail: 0 }));
const registered = ({ frame }: Received) => reply(frame, encode(i32, 0));

describe('event streams', () => {
  it('have a connection of their own, and lose nothing that comes before the registration is answered', async (t) => {
    const daemon = await startFakeDaemon(t, (received) => {
      const { socket, frame } = received;
      if (frame.procedure === 317) socket.write(reply(frame, none));
      else
        socket.write(
          Buffer.concat([lifecycle(0, 1), lifecycle(7, 9), registered(received), lifecycle(0, 2)]),
        );
    });
    await using libvirt = await connect(daemon.uri);
    const got: number[] = [];
    for await (const { event, ...rest } of await libvirt.events('lifecycle')) {
      assert.deepEqual(rest, { domain: guest, detail: 0 });
      if (got.push(event) === 2) break;
    }
    assert.deepEqual(got, [1, 2]);
    assert.equal(daemon.sockets.length, 2);
  });

  it('are deregistered when their reader leaves, and end when the connection does', async (t) => {
    const procedures: number[] = [];
    const daemon = await startFakeDaemon(t, (received) => {
      const { socket, frame } = received;
      procedures.push(frame.procedure);
      socket.write(frame.procedure === 316 ? registered(received) : reply(frame));
    });
    const libvirt = await connect(daemon.uri);
    await (await libvirt.events('reboot', { domain: guest })).close();
    assert.deepEqual(procedures, [316, 317]);

    const stream = await libvirt.events('lifecycle');
    const pending = stream.next();
    daemon.sockets[1]!.write(lifecycle(0, 3));
    assert.equal((await pending).value?.event, 3);
    const last = stream.next();
    daemon.sockets[0]!.destroy();
    assert.deepEqual(await last, { done: true, value: undefined });
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
    assert.ok((await libvirt.closed) !== undefined);
  });

  it('fail rather than grow without end when they are not read', async (t) => {
    const gone = Promise.withResolvers<void>();
    const daemon = await startFakeDaemon(t, (received) => {
      const { socket, frame } = received;
      if (frame.procedure === 317) gone.resolve();
      else
        socket.write(Buffer.concat([registered(received), ...Array(eventBacklog + 1).fill(lifecycle(0, 1))]));
    });
    await using libvirt = await connect(daemon.uri);
    const stream = await libvirt.events('lifecycle');
    await gone.promise;
    await assert.rejects(stream.next(), EventsMissed);
  });

  it('an event that cannot be read ends the connection', async (t) => {
    const daemon = await startFakeDaemon(t, (received) => received.socket.write(registered(received)));
    const libvirt = await connect(daemon.uri);
    const stream = await libvirt.events('lifecycle');
    daemon.sockets[1]!.write(event(318, Buffer.alloc(4)));
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
    assert.equal((await libvirt.closed)?.name, 'ProtocolError');
  });
});
