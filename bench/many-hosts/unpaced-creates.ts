import type { Cloud } from '../api/cloud.ts';
import { OneByOne } from '../api/one-by-one.ts';
import { serverBody } from '../api/servers.ts';
import { launchedOf, type Pace } from './paced-creates.ts';

/** What came of creates that are sent as fast as they are answered. */
export interface UnpacedCreates {
  readonly sent: number;
  /** Requests that were answered with an error, and the first of them. */
  readonly refused: number;
  readonly firstRefusal: string | undefined;
  readonly failed: number;
  /** Servers that became ACTIVE a second, from the first request to the last ACTIVE. */
  readonly perSecond: number;
}

const PREFIX = 'unpaced';

/** Each client sends its next create when the last one was answered; then all servers become ACTIVE. */
export async function unpacedCreates(
  cloud: Cloud,
  { clients, seconds, query }: Pick<Pace, 'query' | 'seconds'> & { readonly clients: number },
): Promise<UnpacedCreates> {
  const began = Date.now();
  let sent = 0;
  const refusals: string[] = [];
  const client = async () => {
    const one = await OneByOne.on(cloud);
    try {
      while (Date.now() < began + seconds * 1000)
        await one
          .ask('POST', '/servers', serverBody(cloud, `${PREFIX}-${sent++}`))
          .catch((error: Error) => refusals.push(error.message));
    } finally {
      one.close();
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const count = sent - refusals.length;
  const active = await launchedOf(query, { prefix: PREFIX, count, since: Date.now() });
  const last = Math.max(...active.values());
  return {
    ...{ sent, refused: refusals.length, firstRefusal: refusals[0] },
    failed: count - active.size,
    perSecond: (active.size * 1000) / (last - began),
  };
}
