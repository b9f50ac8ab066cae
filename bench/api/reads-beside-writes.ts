import type { Figure } from './figure.ts';
import type { Measured } from './lines.ts';
import type { LoadJob } from './load.ts';
import { requireStatus, watchedLoad } from './watched.ts';

/** Of so many requests one is a write. */
const WRITE_EACH = 20;

/**
 * List and show at 16 clients while every twentieth request changes a server's metadata: p99 of the reads.
 */
export async function readsBesideWritesLines(
  { cloud, pid }: Measured,
  ids: readonly string[],
): Promise<Figure[]> {
  const { compute, headers } = cloud;
  const read = (path: string) => ({ method: 'GET', url: `${compute}${path}`, headers });
  const write = (n: number) => ({
    method: 'POST',
    url: `${compute}/servers/${ids[n % ids.length]}/metadata`,
    headers,
    body: JSON.stringify({ metadata: { beside: String(n) } }),
    untimed: true,
  });
  const measure = async (what: string, path: (n: number) => string): Promise<Figure> => {
    const requests: LoadJob['requests'] = Array.from({ length: WRITE_EACH * 50 }, (_, n) =>
      n % WRITE_EACH === 0 ? write(n) : read(path(n)),
    );
    const load = await watchedLoad({ requests, clients: 16, seconds: 4, warmUp: 0.5 }, pid);
    // Two writes to one server at once: one of them may have to be sent again.
    requireStatus(load, 200, 409);
    const note = `${Math.round(load.perSecond).toLocaleString('en')} reads/s`;
    return {
      ...{ name: `${what} beside 5 % writes, p99`, value: load.p99, unit: 'ms', note },
      othersCores: load.othersCores,
    };
  };
  return [
    await measure('list of 50 servers', () => '/servers/detail?limit=50'),
    await measure('show of a server', (n) => `/servers/${ids[n % ids.length]}`),
  ];
}
