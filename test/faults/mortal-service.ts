import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestSettings } from '../lab/service.ts';

/** Where the service is to end itself. */
export interface Order {
  readonly kind: string;
  readonly boundary: string;
  /** Only of an operation on this server: a replica may take over what another one left. */
  readonly server?: string;
  /**
   * Instead: at every boundary of such an operation, all agents with configuration files below this folder
   * are killed. Replicas only.
   */
  readonly agentsBelow?: string;
}
export type Report =
  | { readonly url: string; readonly replica: string }
  | { readonly armed: Order }
  | { readonly at: string; readonly killed: number };

const allInOne = fileURLToPath(new URL('./service.ts', import.meta.url));
const replica = fileURLToPath(new URL('./mortal-replica.ts', import.meta.url));

/** The service as a process of its own, which can be killed. */
export interface MortalService {
  readonly url: string;
  /** The owner of the operations that it runs. */
  readonly replica: string;
  /** Has it end itself with SIGKILL when an operation of this kind is next at this boundary. */
  dieAt(order: Order): Promise<void>;
  /**
   * Has it kill all agents at each boundary of an operation of this kind. @returns those boundaries, with how
   * many agents were killed there
   */
  killAgentsAt(kind: string, agentsBelow: string): Promise<() => Promise<{ at: string; killed: number }[]>>;
  /** Sends it SIGKILL, whatever it is at, and waits until it is gone. */
  kill(): Promise<void>;
  /** Resolves when it was killed. @throws when it ended otherwise */
  died(): Promise<void>;
  /** Lets it end by itself. */
  stop(): Promise<void>;
}

/** Starts it and waits until it answers. It ends with the process that started it. */
export function startMortalService(stateDir: string, settings: TestSettings): Promise<MortalService> {
  return startMortal([allInOne, stateDir, JSON.stringify(settings)]);
}

/** The same for one replica of the control plane, with this configuration. */
export function startMortalReplica(configFile: string): Promise<MortalService> {
  return startMortal([replica, configFile]);
}

async function startMortal(words: readonly string[]): Promise<MortalService> {
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const reports = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<Report> => {
    const { value, done } = await reports.next();
    if (done) throw new Error(`the service ended: ${JSON.stringify(await ended)}`);
    return JSON.parse(value) as Report;
  };
  const first = await next();
  assert.ok('url' in first);
  return {
    url: first.url,
    replica: first.replica,
    async dieAt(order) {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      assert.deepEqual(await next(), { armed: order });
    },
    async killAgentsAt(kind, agentsBelow) {
      const order = { kind, boundary: '', agentsBelow };
      child.stdin.write(`${JSON.stringify(order)}\n`);
      assert.deepEqual(await next(), { armed: order });
      return async () => {
        const seen: { at: string; killed: number }[] = [];
        for (;;) {
          const report = await next();
          if (!('at' in report)) throw new Error('not a boundary');
          seen.push(report);
          if (report.at === 'end') return seen;
        }
      };
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async died() {
      const [status, signal] = await ended;
      assert.equal(signal, 'SIGKILL', `it ended with status ${status}`);
    },
    stop: () => stop(child, ended),
  };
}

async function stop(child: ChildProcess, ended: Promise<[number | null, NodeJS.Signals | null]>) {
  child.stdin?.end();
  const [status, signal] = await ended;
  assert.deepEqual({ status, signal }, { status: 0, signal: null });
}
