import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * An agent or a replica as a process of its own, that never finishes what it is asked or told: there to be
 * stopped.
 */
export interface BusProcess {
  /** Resolves once it has said the word: `ready`, `asked` or `heard`. */
  said(word: string): Promise<void>;
  /** SIGSTOP: it is there, and says nothing any more. */
  freeze(): void;
  kill(): Promise<void>;
}

export async function startBusProcess(options: {
  readonly url: string;
  readonly serves?: string;
  readonly hears?: true;
  readonly redeliverMs?: number;
}): Promise<BusProcess> {
  const bus = new URL('../../src/bus/nats.ts', import.meta.url).href;
  const program = `const options = ${JSON.stringify(options)};
    const { createNatsBus } = await import(${JSON.stringify(bus)});
    const bus = await createNatsBus({
      servers: [options.url], credentials: null, tlsCa: null, name: 'child', log: () => undefined,
      ...(options.redeliverMs === undefined ? {} : { redeliverMs: options.redeliverMs }),
    });
    const stuck = (word) => { console.log(word); return new Promise(() => {}); };
    if (options.serves) await bus.serve(options.serves, () => stuck('asked'));
    if (options.hears) await bus.subscribe(() => stuck('heard'));
    console.log('ready');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const words = new Set<string>();
  const waiting = new Map<string, () => void>();
  createInterface(child.stdout).on('line', (word) => {
    words.add(word);
    waiting.get(word)?.();
  });
  const said = (word: string) =>
    words.has(word) ? Promise.resolve() : new Promise<void>((resolve) => waiting.set(word, resolve));
  await said('ready');
  return {
    said,
    freeze: () => void child.kill('SIGSTOP'),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
