import type { CacheCounts, CountedCache } from '../../../model/cache-counts.ts';
import type { ComputeHost } from '../../../model/host.ts';
import type { HostFact, HostFacts } from '../../../model/host-facts.ts';
import type { ApiDependencies, HostFactsCache } from '../../http/dependencies.ts';
import { isUp } from '../host-state.ts';
import { zonedHosts } from '../zoned-hosts.ts';

/** Age up to which the facts are not read again. Milliseconds. */
const FRESH_FOR = 1000;

type Parts = Pick<ApiDependencies, 'store' | 'config' | 'now'>;

/** The facts of all hosts, at most a second old, so that a list of servers reads no hosts. */
export class RecentHostFacts implements HostFactsCache, CountedCache {
  readonly name = 'host-facts';
  readonly #parts: Parts;
  #facts: HostFacts = { epoch: 0, byName: new Map() };
  #written = '';
  #readAt = Number.NEGATIVE_INFINITY;
  #reads = 0;
  /** The number of the read that gave the facts. */
  #applied = 0;
  /** Reads up to this number may have missed a change. */
  #outdated = 0;
  #hits = 0;
  #misses = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  current(): HostFacts | Promise<HostFacts> {
    const age = this.#parts.now() - this.#readAt;
    if (age < 0 || age >= FRESH_FOR) return this.#read();
    this.#hits++;
    return this.#facts;
  }

  forget(): void {
    this.#outdated = this.#reads;
    this.#readAt = Number.NEGATIVE_INFINITY;
  }

  counts(): CacheCounts {
    return { entries: this.#facts.byName.size, bytes: null, hits: this.#hits, misses: this.#misses };
  }

  async #read(): Promise<HostFacts> {
    this.#misses++;
    const read = ++this.#reads;
    const readAt = this.#parts.now();
    const hosts = await zonedHosts(this.#parts.store);
    const byName = new Map(hosts.map((host) => [host.name as string, factOf(host, this.#parts)]));
    const written = JSON.stringify([...byName]);
    if (read < this.#applied) return this.#facts; // a later read was faster
    this.#applied = read;
    if (written !== this.#written) this.#facts = { epoch: this.#facts.epoch + 1, byName };
    this.#written = written;
    if (read > this.#outdated) this.#readAt = readAt;
    return this.#facts;
  }
}

function factOf(host: ComputeHost, parts: Parts): HostFact {
  return { zone: host.zone, hypervisorHostname: host.hypervisorHostname, status: statusOf(host, parts) };
}

function statusOf(host: ComputeHost, parts: Parts): HostFact['status'] {
  if (host.status === 'disabled') return 'MAINTENANCE';
  if (host.forcedDown) return 'DOWN';
  return isUp(host, parts) ? 'UP' : 'UNKNOWN';
}
