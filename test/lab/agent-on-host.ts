import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Command, Reply, Verb } from '../../src/model/command.ts';
import { Failure } from '../../src/model/failure.ts';
import type { AgentOfHost, FromAgent, ToAgent } from './agent-process.ts';
import type { LibvirtHost } from './libvirt-host.ts';

const program = fileURLToPath(new URL('./agent-process.ts', import.meta.url));

/**
 * An agent that runs within a libvirt host's namespaces: it sees the host's files and network, and none of
 * the machine's daemons.
 */
export interface AgentOnHost {
  ask<V extends Verb>(command: Command & { verb: V }, signal?: AbortSignal): Promise<Reply<V>>;
  tell(message: ToAgent): void;
  /** SIGKILL. Resolves when it is gone. */
  stop(): Promise<void>;
}

interface Question {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (failure: Failure) => void;
}

/** Starts an agent on a host and waits until it answers. It ends with this process, and with its host. */
export async function startAgentOnHost(host: LibvirtHost, settings: AgentOfHost): Promise<AgentOnHost> {
  const inside = [
    '-t',
    String(host.pid),
    '-a',
    '--wd=/',
    process.execPath,
    program,
    JSON.stringify(settings),
  ];
  const child = spawn('nsenter', inside, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      LANG: 'C.UTF-8',
      HOME: '/root',
    },
  });
  const questions = new Map<number, Question>();
  const ready = Promise.withResolvers<void>();
  const gone = () => new Failure('outcome-unknown', 'The agent is gone.');
  child.on('message', (message: FromAgent) => {
    if (message.say === 'ready') return ready.resolve();
    const question = questions.get(message.id);
    questions.delete(message.id);
    if (message.say === 'done') question?.resolve(message.reply);
    else question?.reject(new Failure(message.kind, message.message, { operatorText: message.operatorText }));
  });
  child.once('exit', () => {
    ready.reject(gone());
    for (const { reject } of questions.values()) reject(gone());
    questions.clear();
  });
  await ready.promise;
  let asked = 0;
  const tell = (message: ToAgent) => {
    // It may have ended a moment ago; that is told by its exit.
    if (child.connected) child.send(message, () => undefined);
  };
  return {
    ask<V extends Verb>(command: Command & { verb: V }, signal?: AbortSignal) {
      if (!child.connected) return Promise.reject(gone());
      const id = ++asked;
      signal?.addEventListener('abort', () => tell({ say: 'give up', id }), {
        once: true,
      });
      const { promise, resolve, reject } = Promise.withResolvers<Reply<V>>();
      questions.set(id, { resolve: resolve as (reply: unknown) => void, reject });
      tell({ say: 'ask', id, command });
      return promise;
    },
    tell,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.disconnect(); // it ends with the channel; killed here would be only what stands before its namespaces
      await ended;
    },
  };
}
