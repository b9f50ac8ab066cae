import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { array, encode, i32, u32 } from '../src/codec.ts';
import { encodeFrame, type Frame, FrameParser, frameStatus, frameTypes, programs } from '../src/frame.ts';

/** A frame that came, and the socket that it came on. */
export interface Received {
  readonly frame: Frame;
  readonly socket: Socket;
  /** Number of its connection, from 0, in the order of their coming. */
  readonly connection: number;
}

export const none = Buffer.alloc(0);

/** A reply's bytes. */
export function reply(
  { procedure, serial }: Frame,
  payload: Buffer = none,
  status: number = frameStatus.ok,
): Buffer {
  return encodeFrame({
    program: programs.remote,
    procedure,
    type: frameTypes.reply,
    serial,
    status,
    payload,
  });
}

/** An event's bytes. libvirtd gives them serial 1. */
export function event(procedure: number, payload: Buffer): Buffer {
  const { remote: program } = programs;
  const { message: type } = frameTypes;
  return encodeFrame({ program, procedure, type, serial: 1, status: frameStatus.ok, payload });
}

const handshake: Readonly<Record<number, Buffer>> = {
  66: encode(array(u32), [0]), // AUTH_LIST: none
  60: encode(i32, 1), // CONNECT_SUPPORTS_FEATURE: yes
  1: none, // CONNECT_OPEN
  2: none, // CONNECT_CLOSE
};

/**
 * Something on a socket that speaks as libvirtd does where a real one cannot be made to: it drops,
 * falls silent, answers out of order, sends nonsense. Frames that are not of the handshake go to `script`.
 */
export async function startFakeDaemon(
  t: TestContext,
  script: (received: Received) => void,
): Promise<FakeDaemon> {
  return startRawDaemon(t, (socket, connection) => {
    const parser = new FrameParser();
    socket.on('data', (chunk: Buffer) => {
      for (const frame of parser.push(chunk)) {
        const known = frame.program === programs.remote ? handshake[frame.procedure] : undefined;
        if (known === undefined) script({ frame, socket, connection });
        else socket.write(reply(frame, known));
      }
    });
  });
}

export interface FakeDaemon {
  readonly uri: string;
  /** Sockets in the order of their coming. */
  readonly sockets: readonly Socket[];
  /** Takes no more connections; those that stand go on. */
  refuse(): Promise<void>;
}

/** A socket server that does with each connection what the test says. */
export async function startRawDaemon(
  t: TestContext,
  serve: (socket: Socket, connection: number) => void,
): Promise<FakeDaemon> {
  const folder = await mkdtemp(join(tmpdir(), 'fake-libvirt-'));
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {}); // the client may leave in the midst
    serve(socket, sockets.push(socket) - 1);
  });
  const path = join(folder, 'sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await rm(folder, { recursive: true });
  });
  return {
    uri: `qemu+unix:///system?socket=${path}`,
    sockets,
    refuse: async () => {
      server.close();
      await rm(path, { force: true });
    },
  };
}
