import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { controlCredentials } from '../../src/bus/nats/authority.ts';
import { createNatsBus } from '../../src/bus/nats.ts';
import { withAuthority } from '../../src/cli/bus-directory.ts';
import { sampleHost } from '../../test/laws/sample-host.ts';

/**
 * Hosts that have no agent: this process tells their heartbeats, each once an interval, as a replica hears
 * them from agents.
 */
export interface ToldHosts {
  /** Resolves when there are so many, and each has been taken in at least twice. */
  grow(count: number): Promise<void>;
  end(): Promise<void>;
}

/** @param options.busDirectory where the authority of the bus is */
export async function tellHosts(options: {
  readonly busDirectory: string;
  readonly servers: readonly string[];
  readonly intervalMs: number;
}): Promise<ToldHosts> {
  const { servers, intervalMs } = options;
  const credentials = await controlCredentials(
    await withAuthority(options.busDirectory, async (known) => known),
  );
  const bus = await createNatsBus({
    servers,
    credentials,
    tlsCa: null,
    name: 'told-hosts',
    log: () => undefined,
  });
  const ending = new AbortController();
  const tellings: Promise<void>[] = [];

  /** @param firstAfter milliseconds */
  async function tellOne(name: string, firstAfter: number, taken: () => void): Promise<void> {
    const host = sampleHost(name, {
      machineId: { state: 'read', file: '/etc/machine-id', text: randomUUID().replaceAll('-', '') },
    });
    let next = performance.now() + firstAfter;
    while (!ending.signal.aborted) {
      await wait(Math.max(0, next - performance.now()), undefined, { signal: ending.signal }).catch(
        () => undefined,
      );
      if (ending.signal.aborted) return;
      next += intervalMs;
      await bus
        .publish({ type: 'host', report: { ...host, lastSeenAt: Date.now() } })
        .then(taken, () => undefined);
    }
  }

  return {
    async grow(count) {
      const added = Math.max(0, count - tellings.length);
      const begin = tellings.length;
      await Promise.all(
        Array.from({ length: added }, (_, n) => {
          const twice = Promise.withResolvers<void>();
          let taken = 0;
          const name = `told-${String(begin + n).padStart(5, '0')}`;
          tellings.push(
            tellOne(name, (n * intervalMs) / added, () => void (++taken === 2 && twice.resolve())),
          );
          return twice.promise;
        }),
      );
    },
    async end() {
      ending.abort();
      await bus.close();
      await Promise.allSettled(tellings);
    },
  };
}
