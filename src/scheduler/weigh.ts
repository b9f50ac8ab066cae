import type { HostName } from '../model/ids.ts';
import type { Candidate, HostRequirements, Weigher } from './filter.ts';
import type { SchedulerSettings, WeigherName } from './settings.ts';
import { WEIGHERS } from './weighers.ts';

/** Number of alternates: another server may take the best host first. */
const ALTERNATES = 4;

/**
 * Ranks hosts, best first. Each weigher's values are scaled to 0..1 and multiplied by its multiplier
 * (nova/weights.py BaseWeigher). Ties are broken by a hash of server and host name, so that many servers at
 * once do not choose the same host.
 */
export function bestOf(
  candidates: readonly Candidate[],
  wanted: HostRequirements,
  { multipliers }: SchedulerSettings,
): HostName[] {
  const weights = new Float64Array(candidates.length);
  for (const [name, weigher] of Object.entries(WEIGHERS) as [WeigherName, Weigher][])
    addWeights(weights, candidates, { weigher, wanted, multiplier: multipliers[name] });
  const salt = hashOf(wanted.serverId, 0);
  const best: { name: HostName; weight: number; place: number }[] = [];
  for (let index = 0; index < candidates.length; index++) {
    const weight = weights[index] as number;
    const last = best.length > ALTERNATES ? best.at(-1) : undefined;
    if (last !== undefined && weight < last.weight) continue;
    const { name } = (candidates[index] as Candidate).host;
    const entry = { name, weight, place: hashOf(name, salt) };
    const at = best.findIndex((other) => isBefore(entry, other));
    best.splice(at < 0 ? best.length : at, 0, entry);
    if (best.length > ALTERNATES + 1) best.pop();
  }
  return best.map(({ name }) => name);
}

interface Placed {
  readonly name: string;
  readonly weight: number;
  readonly place: number;
}

function isBefore(one: Placed, other: Placed): boolean {
  if (one.weight !== other.weight) return one.weight > other.weight;
  return one.place === other.place ? one.name < other.name : one.place < other.place;
}

function addWeights(
  weights: Float64Array,
  candidates: readonly Candidate[],
  { weigher, wanted, multiplier }: { weigher: Weigher; wanted: HostRequirements; multiplier: number },
): void {
  const weigh = weigher.weightFor(wanted);
  if (weigh === undefined) return;
  const raw = new Float64Array(candidates.length);
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < candidates.length; index++) {
    const weight = weigh(candidates[index] as Candidate);
    raw[index] = weight;
    least = Math.min(least, weight);
    most = Math.max(most, weight);
  }
  if (most === least) return;
  for (let index = 0; index < candidates.length; index++) {
    const of = multiplierOf(candidates[index] as Candidate, weigher.option, multiplier);
    weights[index] = (weights[index] as number) + (of * ((raw[index] as number) - least)) / (most - least);
  }
}

/**
 * The host's aggregates may override the multiplier; the lowest value wins (nova/scheduler/utils.py
 * get_weight_multiplier).
 */
function multiplierOf({ metadata }: Candidate, option: string, multiplier: number): number {
  const set = metadata.size === 0 ? undefined : metadata.get(option);
  if (set === undefined) return multiplier;
  const values = Array.from(set, Number);
  return values.every(Number.isFinite) ? Math.min(...values) : multiplier;
}

/** FNV-1a, 32 bits. */
function hashOf(text: string, salt: number): number {
  let hash = 0x811c9dc5 ^ salt;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
