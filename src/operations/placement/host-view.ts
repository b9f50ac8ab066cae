import type { FlavorSnapshot } from '../../model/flavor.ts';
import type { HostName } from '../../model/ids.ts';
import { inTheirZones } from '../../model/zone.ts';
import { metadataOfHosts, NO_METADATA } from '../../scheduler/aggregate-metadata.ts';
import type { Candidate } from '../../scheduler/filter.ts';
import type { Queries, Store } from '../../store/promise/store.ts';

const NOTHING = { instances: 0, cores: 0, ramMb: 0, diskGb: 0 } as const;
const MIB_PER_GIB = 1024;
/**
 * Milliseconds for which hosts are chosen by what was read last: what is chosen is looked at again before it
 * is taken.
 */
const FRESH_FOR = 1_000;
/** Of many thousand hosts, at most this part of all time is spent on reading them. */
const MAX_REFRESH_DUTY = 1 / 20;

/** All hosts as they were a moment ago. */
export interface HostView {
  readonly candidates: ReadonlyMap<HostName, Candidate>;
  /** Epoch milliseconds */
  readonly readAt: number;
  /** Milliseconds */
  readonly freshFor: number;
}

/** Reads of one store. */
interface Reads {
  view: (HostView & { readonly candidates: Map<HostName, Candidate> }) | undefined;
  /** The read that is under way, and the one that begins when it has ended. */
  current: Promise<unknown>;
  next: Promise<HostView> | undefined;
}

const readsOf = new WeakMap<Store, Reads>();

/** The hosts as they were a second ago at most, or longer where there are many thousand. */
export function recentHosts(store: Store, now: () => number): HostView | Promise<HostView> {
  const { view } = readsFor(store);
  const age = view === undefined ? Number.POSITIVE_INFINITY : now() - view.readAt;
  return view !== undefined && age >= 0 && age < view.freshFor ? view : refreshedHosts(store, now);
}

/** The hosts as they are from now on: read anew, once for all who ask meanwhile. */
export function refreshedHosts(store: Store, now: () => number): Promise<HostView> {
  const reads = readsFor(store);
  if (reads.next !== undefined) return reads.next;
  const next = reads.current.then(async () => {
    reads.next = undefined;
    reads.view = await read(store, now);
    return reads.view;
  });
  reads.current = next.catch(() => undefined);
  reads.next = next;
  return next;
}

/** Counts a claim in, so that the next choice knows of it before the hosts are read again. */
export function noteClaim(store: Store, host: HostName, flavor: FlavorSnapshot): void {
  const candidates = readsFor(store).view?.candidates;
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

function readsFor(store: Store): Reads {
  const known = readsOf.get(store);
  if (known !== undefined) return known;
  const made: Reads = { view: undefined, current: Promise.resolve(), next: undefined };
  readsOf.set(store, made);
  return made;
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
