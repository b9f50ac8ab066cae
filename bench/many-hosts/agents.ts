import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** Agents that one process runs. */
export interface AgentsJob {
  readonly hosts: readonly { readonly name: string; readonly credentials: string }[];
  /** Of NATS. */
  readonly servers: readonly string[];
  /** Where their guests are kept. */
  readonly folder: string;
  readonly reportIntervalMs: number;
}

/**
 * What is said to such a process; it answers each but `end`, after which it ends. `flood`: heartbeats as fast
 * as they are taken.
 */
export type AgentsSay =
  | { readonly say: 'start'; readonly job: AgentsJob }
  | { readonly say: 'waits' }
  | { readonly say: 'flood'; readonly seconds: number }
  | { readonly say: 'end' };

/** Since it was last asked: milliseconds of each heartbeat until it was taken in. */
export interface AgentsTold {
  readonly waits: readonly number[];
  readonly failed: number;
}

/** Many agents in a few processes. */
export interface Agents {
  /** Milliseconds of each heartbeat since the last call, sorted, and how many were not taken in. */
  heartbeats(): Promise<AgentsTold>;
  /** As {@link heartbeats}, of heartbeats told one right after the other for so many seconds. */
  flood(seconds: number): Promise<AgentsTold>;
  end(): Promise<void>;
}

/** Starts the agents, spread over a report interval, and resolves when all have reported once. */
export async function startAgents(job: AgentsJob, processes: number): Promise<Agents> {
  const children = Array.from({ length: processes }, () =>
    fork(new URL('./agents-worker.ts', import.meta.url), { stdio: 'inherit' }),
  );
  const kill = () => children.forEach((child) => void child.kill('SIGKILL'));
  process.once('exit', kill);
  const askAll = async (say: (n: number) => AgentsSay): Promise<AgentsTold> => {
    const told = await Promise.all(children.map((child, n) => ask(child, say(n))));
    const waits = told.flatMap((one) => one.waits).toSorted((a, b) => a - b);
    return { waits, failed: told.reduce((sum, one) => sum + one.failed, 0) };
  };
  await askAll((n) => {
    const hosts = job.hosts.filter((_, index) => index % processes === n);
    return { say: 'start', job: { ...job, hosts } };
  });
  return {
    heartbeats: () => askAll(() => ({ say: 'waits' })),
    flood: (seconds) => askAll(() => ({ say: 'flood', seconds })),
    async end() {
      const ended = children.map(async (child) => child.exitCode ?? once(child, 'exit'));
      for (const child of children.filter(({ connected }) => connected))
        child.send({ say: 'end' } satisfies AgentsSay);
      const late = setTimeout(kill, 10_000);
      await Promise.all(ended);
      clearTimeout(late);
      process.off('exit', kill);
    },
  };
}

async function ask(child: ChildProcess, say: AgentsSay): Promise<AgentsTold> {
  const { promise, resolve, reject } = Promise.withResolvers<AgentsTold>();
  const ended = () => reject(new Error(`agents ended with ${child.exitCode}`));
  child.once('message', resolve);
  child.once('exit', ended);
  child.send(say);
  return promise.finally(() => child.off('exit', ended).off('message', resolve));
}
