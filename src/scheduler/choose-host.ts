import type { HostName } from '../model/ids.ts';
import { capacityFilter } from './capacity-filter.ts';
import { computeFilter } from './compute-filter.ts';
import type { Candidate, Filter, SchedulerLimits, Wanted } from './filter.ts';
import { zoneFilter } from './zone-filter.ts';

const FILTERS: readonly Filter[] = [computeFilter, zoneFilter, capacityFilter];

/** The host that was chosen, and why each of the others was refused. */
export interface Choice {
  readonly host: HostName | null;
  readonly refusals: readonly { readonly host: HostName; readonly filter: string; readonly why: string }[];
}

/** Chooses the host with the most free memory among those that no filter refuses (nova/scheduler/weights/ram.py). Pure. */
export function chooseHost(
  wanted: Wanted,
  among: { candidates: readonly Candidate[]; limits: SchedulerLimits; now: number },
): Choice {
  const refusals: Choice['refusals'][number][] = [];
  let best: Candidate | undefined;
  for (const candidate of among.candidates) {
    const refusal = refusalOf(wanted, candidate, among);
    if (refusal !== undefined) refusals.push({ host: candidate.host.name, ...refusal });
    else if (best === undefined || freeRam(candidate) > freeRam(best)) best = candidate;
  }
  return { host: best?.host.name ?? null, refusals };
}

function refusalOf(wanted: Wanted, candidate: Candidate, at: { limits: SchedulerLimits; now: number }) {
  for (const filter of FILTERS) {
    const why = filter.refuses(wanted, candidate, at);
    if (why !== undefined) return { filter: filter.name, why };
  }
  return undefined;
}

function freeRam({ host, used }: Candidate): number {
  return host.capacity.memoryMb - used.ramMb;
}
