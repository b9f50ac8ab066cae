import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Part } from '../../test/lab/part.ts';
import { residentMib } from '../api/machine.ts';

/** MiB, right after all garbage was collected. */
export interface Memory {
  /** Live objects of JavaScript. */
  readonly heap: number;
  /** Resident: with buffers, code, and what V8 keeps for the next load. */
  readonly resident: number;
}

/** A running part into whose memory can be looked. */
export interface Inspected {
  memory(): Promise<Memory>;
  close(): void;
}

const MIB = 1024 * 1024;
const LOOK_MS = 20;
const LONGEST_MS = 10_000;

/** What a process has to be started with, in NODE_OPTIONS, so that it can be inspected beside others. */
export const INSPECTABLE = '--inspect-port=127.0.0.1:0';

/** Asks Node's inspector in, which is what SIGUSR1 means to every Node process. */
export async function inspect(part: Part): Promise<Inspected> {
  process.kill(part.pid, 'SIGUSR1');
  const socket = new WebSocket(await addressOf(part));
  await once(socket, 'open');
  let asked = 0;
  async function ask(method: string, params: object = {}): Promise<{ result?: { value?: unknown } }> {
    const id = ++asked;
    socket.send(JSON.stringify({ id, method, params }));
    for (;;) {
      const [{ data }] = (await once(socket, 'message')) as [{ readonly data: string }];
      const answer = JSON.parse(data) as { id?: number; result: { result?: { value?: unknown } } };
      if (answer.id === id) return answer.result;
    }
  }
  return {
    async memory() {
      for (let turn = 0; turn < 2; turn++) await ask('HeapProfiler.collectGarbage');
      const heap = await ask('Runtime.evaluate', { expression: 'process.memoryUsage().heapUsed' });
      return { heap: Number(heap.result?.value) / MIB, resident: await residentMib(part.pid) };
    },
    close: () => socket.close(),
  };
}

async function addressOf(part: Part): Promise<string> {
  const end = performance.now() + LONGEST_MS;
  for (;;) {
    const address = /ws:\S+/.exec(
      part.logged.findLast((line) => line.startsWith('Debugger listening')) ?? '',
    )?.[0];
    if (address !== undefined) return address;
    if (performance.now() > end) throw new Error(`process ${part.pid} does not let itself be inspected`);
    await wait(LOOK_MS);
  }
}
