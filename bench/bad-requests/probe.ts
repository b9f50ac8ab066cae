import { Worker } from 'node:worker_threads';

/** Asks a small question again and again, in a thread of its own: how long anybody else waits. */
export interface Probe {
  /** Begins anew. */
  reset(): void;
  /** @returns the longest wait for an answer since `reset`, milliseconds, and how many there were */
  longest(): Promise<{ ms: number; answers: number }>;
  end(): Promise<void>;
}

/** @param url of a page that needs no token and no row */
export function startProbe(url: string): Probe {
  const worker = new Worker(new URL('./probe-worker.ts', import.meta.url), { workerData: url });
  return {
    reset: () => worker.postMessage('reset'),
    longest() {
      worker.postMessage('tell');
      return new Promise((resolve) => worker.once('message', resolve));
    },
    async end() {
      await worker.terminate();
    },
  };
}
