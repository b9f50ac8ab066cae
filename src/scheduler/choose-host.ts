import type { HostName } from '../model/ids.ts';
import type { At, Candidate, HostRequirements, HostTest } from './filter.ts';
import { filtersOf } from './filters.ts';
import { bestOf } from './weigh.ts';

/** Why a filter refused a host. */
export interface Refusal {
  readonly host: HostName;
  readonly filter: string;
  readonly why: string;
}

/** The chosen hosts, and the refusals of the others. */
export interface Choice {
  /** Best first, with a few alternates. Empty when every host was refused. */
  readonly hosts: readonly HostName[];
  readonly refusals: readonly Refusal[];
}

/**
 * Chooses a host: filters refuse, weighers rank (nova/scheduler/manager.py _get_sorted_hosts). The order of
 * the candidates does not matter. Pure.
 * @param among.only for a rebuild: applies only the filters that run on rebuild
 */
export function chooseHost(
  wanted: HostRequirements,
  among: At & { readonly candidates: Iterable<Candidate>; readonly only?: 'on rebuild' },
): Choice {
  const tests = testsOf(wanted, among);
  const passing: Candidate[] = [];
  const refusals: Refusal[] = [];
  for (const candidate of among.candidates) {
    const refusal = firstRefusal(tests, candidate);
    if (refusal === undefined) passing.push(candidate);
    else refusals.push(refusal);
  }
  return { hosts: bestOf(passing, wanted, among.settings), refusals };
}

interface NamedTest {
  readonly filter: string;
  readonly test: HostTest;
}

function testsOf(wanted: HostRequirements, at: At & { readonly only?: 'on rebuild' }): NamedTest[] {
  return filtersOf(at.settings).flatMap((filter) => {
    if (at.only === 'on rebuild' && !filter.onRebuild) return [];
    const test = filter.testFor(wanted, at);
    return test === undefined ? [] : [{ filter: filter.name, test }];
  });
}

function firstRefusal(tests: readonly NamedTest[], candidate: Candidate): Refusal | undefined {
  for (const { filter, test } of tests) {
    const why = test(candidate);
    if (why !== undefined) return { host: candidate.host.name, filter, why };
  }
  return undefined;
}
