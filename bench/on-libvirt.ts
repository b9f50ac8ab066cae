import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Figure } from './api/figure.ts';
import { orUnmeasured, unmeasured } from './api/or-unmeasured.ts';

const run = promisify(execFile);
const MINUTES = 60_000;

const CREATE = 'create to ACTIVE on real QEMU, p50';
const CALLS = 'libvirt-rpc beside python3-libvirt';

/**
 * What is measured on a real libvirtd of its own: a server's creation beside virsh, and the client library
 * beside python3-libvirt.
 */
export async function libvirtLines(): Promise<Figure[]> {
  if (process.getuid?.() !== 0)
    return [CREATE, CALLS].map((name) => unmeasured(name, 'only root can start a libvirtd of its own'));
  return [...(await orUnmeasured(CREATE, createLines)), ...(await orUnmeasured(CALLS, callLines))];
}

async function createLines(): Promise<Figure[]> {
  const [create] = await linesOf<CreateLine>('real-driver.ts');
  if (create === undefined) throw new Error('bench/real-driver.ts printed nothing');
  return [
    {
      name: CREATE,
      value: create.ms,
      unit: 'ms',
      target: { atMost: create.atMost },
      note: `virsh define + start of the same: ${Math.round(create.virsh)} ms; allowed 1.10 × that + 30 ms`,
    },
  ];
}

async function callLines(): Promise<Figure[]> {
  const calls = await linesOf<CallLine>('libvirt-rpc.ts');
  return calls.map((line) => ({
    name: `${line.name}, beside python3-libvirt`,
    value: line.ratio,
    unit: '×',
    target: { atLeast: 2 },
    note: `${line.value} against ${line.peer} ${line.unit}`,
  }));
}

interface CreateLine {
  readonly ms: number;
  readonly virsh: number;
  readonly atMost: number;
}
interface CallLine {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly peer: number;
  readonly ratio: number;
}

/** What a script prints, one JSON line a figure. */
async function linesOf<Line>(script: string): Promise<Line[]> {
  const path = new URL(script, import.meta.url).pathname;
  const { stdout } = await run(process.execPath, [path], { timeout: 5 * MINUTES });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
