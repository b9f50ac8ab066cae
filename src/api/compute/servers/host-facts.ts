import type { ComputeHost } from '../../../model/host.ts';
import type { Store } from '../../../store/promise/store.ts';
import type { ApiDependencies } from '../../http/dependencies.ts';
import { isUp } from '../host-state.ts';
import { zonedHosts } from '../zoned-hosts.ts';

/** What servers show of their hosts. */
export interface HostFacts {
  /** Grows whenever one of the facts changes: what was rendered before it is out of date. */
  readonly epoch: number;
  readonly byName: ReadonlyMap<string, HostFact>;
}

export interface HostFact {
  readonly zone: string;
  readonly hypervisorHostname: string;
  /** nova/compute/api.py get_instance_host_status */
  readonly status: 'UP' | 'DOWN' | 'UNKNOWN' | 'MAINTENANCE';
}

/** Milliseconds for which the facts are not asked for again. */
const FRESH_FOR = 1000;

interface Kept {
  facts: HostFacts;
  written: string;
  readAt: number;
}

const kept = new WeakMap<Store, Kept>();

/** The hosts' facts, at most a second old: a list of servers costs no question about hosts. */
export function hostFacts(parts: ApiDependencies): HostFacts | Promise<HostFacts> {
  const known = kept.get(parts.store);
  const age = known === undefined ? Number.POSITIVE_INFINITY : parts.now() - known.readAt;
  return known !== undefined && age >= 0 && age < FRESH_FOR ? known.facts : read(parts, known);
}

/** Makes the next request read them anew: after a change of hosts that must be seen at once. */
export function forgetHostFacts(store: Store): void {
  const known = kept.get(store);
  if (known !== undefined) known.readAt = Number.NEGATIVE_INFINITY;
}

async function read(parts: ApiDependencies, known: Kept | undefined): Promise<HostFacts> {
  const readAt = parts.now();
  const hosts = await zonedHosts(parts.store);
  const byName = new Map(hosts.map((host) => [host.name as string, factOf(host, parts)]));
  const written = JSON.stringify([...byName]);
  const facts = known?.written === written ? known.facts : { epoch: (known?.facts.epoch ?? 0) + 1, byName };
  kept.set(parts.store, { facts, written, readAt });
  return facts;
}

function factOf(host: ComputeHost, parts: ApiDependencies): HostFact {
  return { zone: host.zone, hypervisorHostname: host.hypervisorHostname, status: statusOf(host, parts) };
}

function statusOf(host: ComputeHost, parts: ApiDependencies): HostFact['status'] {
  if (host.status === 'disabled') return 'MAINTENANCE';
  if (host.forcedDown) return 'DOWN';
  return isUp(host, parts) ? 'UP' : 'UNKNOWN';
}
