import { type LoadJob, type LoadResult, runLoad } from './load.ts';
import { cpuOf, cpuOfMachine } from './machine.ts';

/** A load's result, with what it cost the server. */
export interface WatchedLoad extends LoadResult {
  /** CPU microseconds of the server for one request; undefined when its process is not known. */
  readonly cpuPerRequest: number | undefined;
  /** Cores that everything but server and generator used meanwhile. */
  readonly othersCores: number;
}

/** Runs a load and watches the processes. @param pid the server's, when it runs on this machine */
export async function watchedLoad(job: LoadJob, pid: number | undefined): Promise<WatchedLoad> {
  const began = { at: performance.now(), server: await cpuIf(pid) };
  const { result, othersCores } = await whileWatched(pid, () => runLoad(job));
  const seconds = (performance.now() - began.at) / 1000;
  const server = (await cpuIf(pid)) - began.server;
  return {
    ...result,
    cpuPerRequest: pid === undefined ? undefined : (server * 1e6) / result.sent,
    othersCores: Math.max(0, othersCores - result.cpu / seconds),
  };
}

/** How many cores everything but this process and the server took while the work was done. */
export async function whileWatched<Result>(
  pid: number | undefined,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly othersCores: number }> {
  const began = { at: performance.now(), machine: cpuOfMachine(), own: process.cpuUsage() };
  const server = await cpuIf(pid);
  const result = await work();
  const seconds = (performance.now() - began.at) / 1000;
  const own = process.cpuUsage(began.own);
  const known = (await cpuIf(pid)) - server + (own.user + own.system) / 1e6;
  return { result, othersCores: Math.max(0, (cpuOfMachine() - began.machine - known) / seconds) };
}

async function cpuIf(pid: number | undefined): Promise<number> {
  return pid === undefined ? 0 : cpuOf(pid);
}

/**
 * What a server's CPU time says beside a rate: how many requests a core could answer if it had nothing else
 * to do.
 */
export function capacityNote({ cpuPerRequest }: WatchedLoad): string {
  if (cpuPerRequest === undefined) return '';
  return `${Math.round(cpuPerRequest)} µs CPU each: ${Math.round(1e6 / cpuPerRequest).toLocaleString('en')}/s a core`;
}

/** Every answer must have one of the statuses: a rate of refusals is no figure. */
export function requireStatus({ statuses }: LoadResult, ...wanted: readonly number[]): void {
  const wrong = Object.entries(statuses).filter(([status]) => !wanted.includes(Number(status)));
  if (wrong.length > 0) throw new Error(`answers of the wrong status: ${JSON.stringify(statuses)}`);
}
