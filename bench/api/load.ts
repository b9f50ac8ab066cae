import { fork } from 'node:child_process';

/** What a load generator is asked to do: the requests in turn, over and over, by so many clients at once. */
export interface LoadJob {
  readonly requests: readonly {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    /** Sent, and its answers checked, but not among the times: it is there to disturb the others. */
    readonly untimed?: boolean;
  }[];
  readonly clients: number;
  /** Seconds; more when by then fewer answers were counted than there are clients. */
  readonly seconds: number;
  /** Requests at most; without it only time ends the load. */
  readonly count?: number;
  /** Seconds before counting begins. */
  readonly warmUp: number;
}

/** What came of it. Times are milliseconds. */
export interface LoadResult {
  readonly answers: number;
  /** Those of the warm-up too. */
  readonly sent: number;
  /** Epoch milliseconds at which counting began. */
  readonly beganAt: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Status → how many. */
  readonly statuses: Readonly<Record<string, number>>;
  /** CPU seconds of the generator itself. */
  readonly cpu: number;
}

/** Runs a load in a process of its own, so that the server's core is the server's. */
export async function runLoad(job: LoadJob): Promise<LoadResult> {
  const child = fork(new URL('./load-worker.ts', import.meta.url), { stdio: 'inherit' });
  try {
    const { promise, resolve, reject } = Promise.withResolvers<LoadResult>();
    child.once('message', (result) => {
      const { error } = result as { error?: string };
      if (error === undefined) resolve(result as unknown as LoadResult);
      else reject(new Error(error));
    });
    child.once('exit', (code) => reject(new Error(`the load generator ended with ${code}`)));
    child.send(job);
    return await promise;
  } finally {
    child.kill();
  }
}
