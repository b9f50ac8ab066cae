import type { LoadJob, LoadResult } from './load.ts';
import { RawConnection, requestBytes } from './raw-http.ts';

/**
 * The other half of `load.ts`: takes one job over the process's channel, and answers with what came of it.
 */
process.once('message', async (job: LoadJob) => {
  try {
    process.send?.(await run(job));
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
});

async function run(job: LoadJob): Promise<LoadResult> {
  const requests = job.requests.map(({ url, untimed, ...rest }) => ({
    bytes: requestBytes({ ...rest, url: new URL(url) }),
    untimed,
  }));
  const target = new URL(job.requests[0]!.url);
  const connections = await Promise.all(
    Array.from({ length: job.clients }, () => RawConnection.open(target)),
  );
  const begin = performance.now() + job.warmUp * 1000;
  const end = begin + job.seconds * 1000;
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  let sent = 0;
  let last = begin;
  const cpu = process.cpuUsage();
  const client = async (connection: RawConnection) => {
    while (sent < (job.count ?? Number.POSITIVE_INFINITY)) {
      const asked = performance.now();
      // A cloud that needs longer for one answer than the load is to last is waited for, until there is
      // something to count.
      if (asked >= end && times.length >= job.clients) break;
      const { bytes, untimed } = requests[sent++ % requests.length]!;
      const { status } = await connection.ask(bytes);
      const answered = performance.now();
      if (asked < begin) continue;
      if (untimed !== true) times.push(answered - asked);
      statuses[status] = (statuses[status] ?? 0) + 1;
      last = answered;
    }
  };
  await Promise.all(connections.map(client));
  for (const connection of connections) connection.close();
  times.sort((a, b) => a - b);
  const at = (part: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN;
  const seconds = (last - begin) / 1000;
  const used = process.cpuUsage(cpu);
  return {
    answers: times.length,
    sent,
    beganAt: performance.timeOrigin + begin,
    seconds,
    perSecond: times.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
    statuses,
    cpu: (used.user + used.system) / 1e6,
  };
}
