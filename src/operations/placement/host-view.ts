import type { CacheCounts, CountedCache } from '../../model/cache-counts.ts';
import type { FlavorSnapshot } from '../../model/flavor.ts';
import type { HostName } from '../../model/ids.ts';
import { inTheirZones } from '../../model/zone.ts';
import { metadataOfHosts, NO_METADATA } from '../../scheduler/aggregate-metadata.ts';
import type { Candidate } from '../../scheduler/filter.ts';
import type { Queries, Store } from '../../store/promise/store.ts';
import type { HostView, RecentHosts } from '../engine/recent-hosts.ts';

const NOTHING = { instances: 0, cores: 0, ramMb: 0, diskGb: 0 } as const;
const MIB_PER_GIB = 1024;
/**
 * Milliseconds for which hosts are chosen by what was read last: what is chosen is looked at again before it
 * is taken.
 */
const FRESH_FOR = 1_000;
/** Of many thousand hosts, at most this part of all time is spent on reading them. */
const MAX_REFRESH_DUTY = 1 / 20;

/**
 * The hosts as they were a second ago at most, or longer where there are many thousand. Each read serves
 * everybody who waits for it.
 */
export class HostViewCache implements RecentHosts, CountedCache {
  readonly name = 'scheduler-hosts';
  readonly #store: Store;
  readonly #now: () => number;
  #view: (HostView & { readonly candidates: Map<HostName, Candidate> }) | undefined;
  /** The read that is under way, and the one that begins when it has ended. */
  #current: Promise<unknown> = Promise.resolve();
  #next: Promise<HostView> | undefined;
  #hits = 0;
  #misses = 0;

  constructor({ store, now }: { readonly store: Store; readonly now: () => number }) {
    this.#store = store;
    this.#now = now;
  }

  recent(): HostView | Promise<HostView> {
    const view = this.#view;
    const age = view === undefined ? Number.POSITIVE_INFINITY : this.#now() - view.readAt;
    if (view === undefined || age < 0 || age >= view.freshFor) return this.refreshed();
    this.#hits++;
    return view;
  }

  refreshed(): Promise<HostView> {
    this.#misses++;
    if (this.#next !== undefined) return this.#next;
    const next = this.#current.then(async () => {
      this.#next = undefined;
      this.#view = await read(this.#store, this.#now);
      return this.#view;
    });
    this.#current = next.catch(() => undefined);
    this.#next = next;
    return next;
  }

  noteClaim(host: HostName, flavor: FlavorSnapshot): void {
    const candidates = this.#view?.candidates;
    const seen = candidates?.get(host);
    if (candidates === undefined || seen === undefined) return;
    const { used } = seen;
    candidates.set(host, {
      ...seen,
      used: {
        instances: used.instances + 1,
        cores: used.cores + flavor.vcpus,
        ramMb: used.ramMb + flavor.ramMb,
        diskGb: used.diskGb + flavor.rootGb + flavor.ephemeralGb + Math.ceil(flavor.swapMb / MIB_PER_GIB),
      },
    });
  }

  counts(): CacheCounts {
    const entries = this.#view?.candidates.size ?? 0;
    return { entries, bytes: null, hits: this.#hits, misses: this.#misses };
  }
}

/** One host exactly as it is, in a transaction; undefined when it is not there. */
export async function currentHost(tx: Queries, name: HostName): Promise<Candidate | undefined> {
  const host = await tx.hosts.find(name);
  if (host === undefined) return undefined;
  const [used, aggregates] = [await tx.servers.usageOfHost(name), await tx.aggregates.ofHost(name)];
  return {
    host: inTheirZones([host], aggregates)[0] ?? host,
    used,
    metadata: metadataOfHosts(aggregates).get(name) ?? NO_METADATA,
  };
}

/** Three queries, however many hosts there are. */
async function read(store: Store, now: () => number) {
  const readAt = now();
  const [hosts, aggregates, usage] = await Promise.all([
    store.hosts.list(),
    store.aggregates.list(),
    store.servers.usageOfHosts(),
  ]);
  const metadata = metadataOfHosts(aggregates);
  const candidates = new Map<HostName, Candidate>();
  for (const host of inTheirZones(hosts, aggregates)) {
    const { name } = host;
    const used = usage.get(name) ?? NOTHING;
    candidates.set(name, { host, used, metadata: metadata.get(name) ?? NO_METADATA });
  }
  return { candidates, readAt, freshFor: Math.max(FRESH_FOR, (now() - readAt) / MAX_REFRESH_DUTY) };
}
