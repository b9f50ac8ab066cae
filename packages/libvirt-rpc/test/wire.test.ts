import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { encode, string, u64 } from '../src/codec.ts';
import { encodeFrame, type Frame, frameStatus, frameTypes, programs } from '../src/frame.ts';
import {
  AuthenticationUnsupported,
  CallAborted,
  ConnectionLost,
  connect,
  DeadlineExceeded,
  EncodeError,
  LibvirtError,
  ProtocolError,
} from '../src/index.ts';
import { remoteError } from '../src/remote-types.ts';
import { none, type Received, reply, startFakeDaemon, startRawDaemon } from './fake-daemon.ts';

const noKeepalive = { keepalive: false } as const;
const domain = (digit: string) => ({
  name: `g${digit}`,
  uuid: `${digit.repeat(8)}-0000-4000-8000-000000000000`,
  id: 1,
});

/** What libvirtd 9.0 and virsh said to each other, word by word; without the length of each frame. */
const recorded: readonly (readonly [call: string, answer: string])[] = [
  [
    '20008086 00000001 00000042 00000000 00000001 00000000',
    '20008086 00000001 00000042 00000001 00000001 00000000 00000001 00000000',
  ],
  [
    '20008086 00000001 0000003c 00000000 00000002 00000000 0000000a',
    '20008086 00000001 0000003c 00000001 00000002 00000000 00000001',
  ],
  [
    '20008086 00000001 00000001 00000000 00000003 00000000 00000001 0000000e 71656d75 3a2f2f2f 73797374 656d0000 00000000',
    '20008086 00000001 00000001 00000001 00000003 00000000',
  ],
  [
    '20008086 00000001 0000009d 00000000 00000004 00000000',
    '20008086 00000001 0000009d 00000001 00000004 00000000 00000000 00895440',
  ],
  [
    '20008086 00000001 00000111 00000000 00000005 00000000 00000001 00000000',
    '20008086 00000001 00000111 00000001 00000005 00000000 00000001 00000002 67310000 6f1c7d0a 3f434f6b 9a530d6a 3c0c0001 00000001 00000001',
  ],
];

function framed(words: string): Buffer {
  const body = Buffer.from(words.replaceAll(' ', ''), 'hex');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

describe('the wire', () => {
  it('is what virsh and libvirtd speak, also when it comes a byte at a time', async (t) => {
    const came: Buffer[] = [];
    const daemon = await startRawDaemon(t, (socket) => {
      socket.on('data', (chunk: Buffer) => {
        const answer = recorded[came.push(chunk) - 1]?.[1];
        for (const byte of answer === undefined ? none : framed(answer)) socket.write(Buffer.of(byte));
      });
    });
    const libvirt = await connect(daemon.uri);
    assert.equal(await libvirt.connectGetLibVersion(), 9_000_000n);
    const g1 = { name: 'g1', uuid: '6f1c7d0a-3f43-4f6b-9a53-0d6a3c0c0001', id: 1 };
    assert.deepEqual(await libvirt.connectListAllDomains(), [g1]);
    assert.deepEqual(
      came.map((bytes) => bytes.toString('hex')),
      recorded.map(([call]) => framed(call).toString('hex')),
    );
    await libvirt.close();
  });

  it('answers are matched by serial, in whatever order they come', async (t) => {
    const held: Received[] = [];
    const daemon = await startFakeDaemon(t, (received) => {
      if (held.push(received) < 3) return;
      for (const { frame, socket } of held.reverse())
        socket.write(reply(frame, encode(u64, BigInt(frame.procedure))));
    });
    await using libvirt = await connect(daemon.uri);
    const calls = [libvirt.connectGetVersion(), libvirt.connectGetLibVersion(), libvirt.nodeGetFreeMemory()];
    assert.deepEqual(await Promise.all(calls), [4n, 157n, 102n]);
  });

  it("gives the daemon's errors with their numbers and names", async (t) => {
    const error = { code: 42, domain: 10, message: 'Domain not found', level: 2, guest: domain('a') };
    const daemon = await startFakeDaemon(t, ({ frame, socket }) =>
      socket.write(reply(frame, encode(remoteError, error), frameStatus.error)),
    );
    await using libvirt = await connect(daemon.uri);
    const got = await libvirt.domainLookupByName({ name: 'x' }).catch((reason: unknown) => reason);
    assert.ok(got instanceof LibvirtError);
    const { message, code, codeName, domainName, level, guest, procedure } = got;
    assert.deepEqual(
      { message, code, codeName, domainName, level, guest, procedure },
      {
        ...{ message: 'Domain not found', code: 42, codeName: 'ERR_NO_DOMAIN', domainName: 'QEMU', level: 2 },
        ...{ guest: domain('a'), procedure: 'domainLookupByName' },
      },
    );
  });

  it('a reply that cannot be read fails its call alone', async (t) => {
    let count = 0;
    const daemon = await startFakeDaemon(t, ({ frame, socket }) =>
      socket.write(reply(frame, count++ === 0 ? Buffer.from('ffffffff', 'hex') : encode(string, 'h'))),
    );
    await using libvirt = await connect(daemon.uri);
    await assert.rejects(libvirt.connectGetHostname(), ProtocolError);
    assert.equal(await libvirt.connectGetHostname(), 'h');
  });

  it('an argument that does not fit is refused before anything is sent', async (t) => {
    const daemon = await startFakeDaemon(t, () => assert.fail('a call was sent'));
    await using libvirt = await connect(daemon.uri);
    await assert.rejects(libvirt.domainLookupByName({ name: 'a\0b' }), EncodeError);
  });

  describe('a bad frame ends the connection', () => {
    const good = (frame: Frame) => reply(frame, encode(string, 'h'));
    const with32 = (offset: number, value: number) => (frame: Frame) => {
      const bytes = good(frame);
      bytes.writeUInt32BE(value, offset);
      return bytes;
    };
    for (const [name, bad] of [
      ['too long', with32(0, 32 * 1024 * 1024 + 1)],
      ['too short', with32(0, 27)],
      ['of an unknown program', with32(4, 0x20008087)],
      ['of another version', with32(8, 2)],
      ['of another procedure than the call', with32(12, 60)],
      ['of a stream', with32(16, 3)],
      ['with file descriptors', with32(16, 5)],
      ['with a serial that is not in flight', with32(20, 999)],
      ['of an unknown status', with32(24, 2)],
      ['with an error that cannot be read', with32(24, 1)],
      ['cut short by the end', (frame: Frame) => good(frame).subarray(0, 30)],
    ] as const)
      it(name, async (t) => {
        const daemon = await startFakeDaemon(t, ({ frame, socket }) => socket.end(bad(frame)));
        const libvirt = await connect(daemon.uri);
        await assert.rejects(
          libvirt.connectGetHostname(),
          (error) =>
            error instanceof ConnectionLost &&
            error.outcome === 'unknown' &&
            error.cause instanceof ProtocolError,
        );
        assert.ok((await libvirt.closed) instanceof ProtocolError);
      });
  });
});

describe('a drop', () => {
  it('leaves the outcome of what was sent unknown, and of what waited not', async (t) => {
    const held: Received[] = [];
    const daemon = await startFakeDaemon(t, (received) => {
      if (held.push(received) === 2) received.socket.destroy();
    });
    const libvirt = await connect(daemon.uri);
    const calls = Array.from({ length: 4 }, () => libvirt.domainReset({ domain: domain('a') }));
    const outcomes = await Promise.all(
      calls.map((call) => call.catch((error: unknown) => error instanceof ConnectionLost && error.outcome)),
    );
    assert.deepEqual(outcomes, ['unknown', 'unknown', 'not sent', 'not sent']);
    assert.ok((await libvirt.closed) instanceof ConnectionLost);
    await assert.rejects(libvirt.connectGetHostname(), { name: 'ConnectionLost', outcome: 'not sent' });
    await libvirt.close();
  });

  it('in the handshake is a connection that never stood', async (t) => {
    const daemon = await startRawDaemon(t, (socket) => socket.once('data', () => socket.destroy()));
    await assert.rejects(connect(daemon.uri), { name: 'ConnectionLost', outcome: 'not sent' });
  });

  it('close() rejects what is under way and resolves `closed` without a reason', async (t) => {
    const daemon = await startFakeDaemon(t, () => {});
    const libvirt = await connect(daemon.uri);
    const call = libvirt.connectGetHostname();
    await Promise.all([
      assert.rejects(call, { name: 'ConnectionLost', outcome: 'unknown' }),
      libvirt.close(),
    ]);
    assert.equal(await libvirt.closed, undefined);
    await libvirt.close();
  });

  it('no daemon at all: says where it looked', async () => {
    await assert.rejects(connect('qemu+unix:///system?socket=/nonexistent/sock'), {
      name: 'ConnectionLost',
      outcome: 'not sent',
      message: /\/nonexistent\/sock: .*ENOENT/,
    });
  });

  it('a daemon that wants authentication is refused with what it offers', async (t) => {
    const offer = Buffer.from('000000020000000100000002', 'hex');
    const daemon = await startRawDaemon(t, (socket) =>
      socket.once('data', (chunk: Buffer) =>
        socket.write(reply({ procedure: 66, serial: chunk.readUInt32BE(20) } as Frame, offer)),
      ),
    );
    await assert.rejects(
      connect(daemon.uri),
      (error) => error instanceof AuthenticationUnsupported && error.offered.join() === 'sasl,polkit',
    );
  });
});

describe('a deadline', () => {
  it('ends the wait; the late answer is taken and the connection goes on', async (t) => {
    const held: Received[] = [];
    const daemon = await startFakeDaemon(t, (received) => {
      if (held.push(received) === 1) return;
      for (const { frame, socket } of held) socket.write(reply(frame, encode(string, 'h')));
    });
    await using libvirt = await connect(daemon.uri);
    await assert.rejects(libvirt.connectGetHostname({}, { timeoutMs: 1 }), (error) => {
      return error instanceof DeadlineExceeded && error.outcome === 'unknown' && error.timeoutMs === 1;
    });
    assert.equal(await libvirt.connectGetHostname(), 'h');
  });

  it('of a call that waits for its place says that it was not sent', async (t) => {
    const daemon = await startFakeDaemon(t, () => {});
    await using libvirt = await connect(daemon.uri);
    const reset = (timeoutMs: number) => libvirt.domainReset({ domain: domain('a') }, { timeoutMs });
    const sent = [reset(10_000), reset(10_000)];
    for (const call of sent) call.catch(() => {});
    await assert.rejects(reset(1), { name: 'DeadlineExceeded', outcome: 'not sent' });
  });

  it('a call that was given up keeps its place until the daemon answers', async (t) => {
    const held: Received[] = [];
    const arrived = Promise.withResolvers<void>();
    const daemon = await startFakeDaemon(t, (received) => {
      if (held.push(received) === 3) arrived.resolve();
    });
    await using libvirt = await connect(daemon.uri);
    const reset = (timeoutMs: number) => libvirt.domainReset({ domain: domain('a') }, { timeoutMs });
    await Promise.all([1, 2].map(() => assert.rejects(reset(1), DeadlineExceeded)));
    const third = reset(10_000);
    third.catch(() => {});
    await assert.rejects(libvirt.domainReset({ domain: domain('b') }, { timeoutMs: 5 }), DeadlineExceeded);
    assert.deepEqual(
      held.map(({ frame }) => frame.payload.subarray(4, 6).toString()),
      ['ga', 'ga', 'gb'],
    );
    await arrived.promise;
    held[0]!.socket.write(reply(held[0]!.frame));
    held[2]!.socket.write(reply(held[2]!.frame));
    while (held.length < 4) await once(daemon.sockets[0]!, 'data');
    held[3]!.socket.write(reply(held[3]!.frame));
    await third;
  });

  it('an AbortSignal does the same, with its reason', async (t) => {
    const controller = new AbortController();
    const daemon = await startFakeDaemon(t, () => controller.abort('enough'));
    await using libvirt = await connect(daemon.uri);
    const { signal } = controller;
    const aborted = (outcome: string) => (error: unknown) =>
      error instanceof CallAborted && error.outcome === outcome && error.cause === 'enough';
    await assert.rejects(libvirt.connectGetHostname({}, { signal }), aborted('unknown'));
    await assert.rejects(libvirt.connectGetHostname({}, { signal }), aborted('not sent'));
  });

  it('holds for connecting to a daemon that takes the connection and says nothing', async (t) => {
    const daemon = await startRawDaemon(t, () => {});
    await assert.rejects(connect(daemon.uri, { timeoutMs: 5 }), {
      name: 'DeadlineExceeded',
      outcome: 'not sent',
    });
    const signal = AbortSignal.abort('enough');
    await assert.rejects(connect(daemon.uri, { signal }), { name: 'CallAborted', cause: 'enough' });
  });
});

describe('keepalive', () => {
  const message = (procedure: number) =>
    encodeFrame({
      ...{ program: programs.keepalive, procedure, type: frameTypes.message },
      ...{ serial: 0, status: frameStatus.ok, payload: none },
    });

  it('a ping is answered', async (t) => {
    const pong = Promise.withResolvers<Frame>();
    const daemon = await startFakeDaemon(t, ({ frame }) => pong.resolve(frame));
    await using _libvirt = await connect(daemon.uri);
    daemon.sockets[0]!.write(message(1));
    assert.deepEqual(encodeFrame(await pong.promise), message(2));
  });

  it('a silent daemon is pinged, and is alive as long as it answers', async (t) => {
    let pings = 0;
    const many = Promise.withResolvers<void>();
    const daemon = await startFakeDaemon(t, ({ socket, frame }) => {
      assert.deepEqual(encodeFrame(frame), message(1));
      socket.write(message(2));
      if (++pings === 5) many.resolve();
    });
    await using _libvirt = await connect(daemon.uri, { keepalive: { intervalMs: 20, count: 2 } });
    await many.promise;
  });

  it('a daemon that answers no ping is lost, with all that is under way', async (t) => {
    const daemon = await startFakeDaemon(t, () => {});
    const libvirt = await connect(daemon.uri, { keepalive: { intervalMs: 20, count: 2 } });
    await assert.rejects(libvirt.connectGetHostname(), {
      name: 'ConnectionLost',
      outcome: 'unknown',
      message: /silent/,
    });
  });
});

describe('connections', () => {
  it('grow in number with the calls that do not come back, three on each, and no further than the limit', async (t) => {
    const held: Received[] = [];
    const knocked: number[] = [];
    const all = Promise.withResolvers<void>();
    const daemon = await startFakeDaemon(t, (received) => {
      const { frame, socket } = received;
      if (frame.procedure === 3) {
        // CONNECT_GET_TYPE: brings libvirtd to add a worker before a call goes to it that may need one
        knocked.push(held.length);
        socket.write(reply(frame, encode(string, 'QEMU')));
      } else if (held.push(received) === 6) all.resolve();
    });
    const libvirt = await connect(daemon.uri, { ...noKeepalive, limits: { eager: 3, most: 6 } });
    const calls = ['1', '2', '3', '4', '5', '6', '7'].map((digit) =>
      libvirt.domainReset({ domain: domain(digit) }),
    );
    await all.promise;
    assert.deepEqual(
      held.map(({ connection }) => connection),
      [0, 0, 0, 1, 1, 1],
    );
    assert.deepEqual(knocked, [3, 4, 5]);
    for (const { socket, frame } of held.splice(0, 1)) socket.write(reply(frame));
    const settled = Promise.allSettled(calls);
    await calls[0];
    await libvirt.close();
    const ends = await settled;
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['fulfilled', ...Array(6).fill('rejected')],
    );
    assert.equal(daemon.sockets.length, 2);
  });

  it('that are refused leave those that stand at work', async (t) => {
    const held: Received[] = [];
    const daemon = await startFakeDaemon(t, (received) => {
      if (held.push(received) === 3) for (const { socket, frame } of held) socket.write(reply(frame));
      else if (held.length > 3) received.socket.write(reply(received.frame));
    });
    await using libvirt = await connect(daemon.uri, noKeepalive);
    await daemon.refuse();
    const calls = ['1', '2', '3', '4'].map((digit) => libvirt.domainReset({ domain: domain(digit) }));
    await Promise.all(calls);
    assert.equal(daemon.sockets.length, 1);
  });

  it('are all over when one of them drops', async (t) => {
    const held: Received[] = [];
    const daemon = await startFakeDaemon(t, (received) => {
      if (held.push(received) === 4) received.socket.destroy();
    });
    const libvirt = await connect(daemon.uri, noKeepalive);
    const calls = ['1', '2', '3', '4'].map((digit) => libvirt.domainReset({ domain: domain(digit) }));
    const lost = { name: 'ConnectionLost', outcome: 'unknown' };
    await Promise.all(calls.map((call) => assert.rejects(call, lost)));
    assert.equal(daemon.sockets.length, 2);
  });
});
