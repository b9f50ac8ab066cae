import type { HostName } from '../model/ids.ts';
import type { At, Candidate, HostTest, Wanted } from './filter.ts';
import { filtersOf } from './filters.ts';
import { bestOf } from './weigh.ts';

/** Why a host will not do. */
export interface Refusal {
  readonly host: HostName;
  readonly filter: string;
  readonly why: string;
}

/** The hosts that will do, and why each of the others will not. */
export interface Choice {
  /** The best first, and a few to fall back on. Empty: none will do. */
  readonly hosts: readonly HostName[];
  readonly refusals: readonly Refusal[];
}

/**
 * Chooses among hosts: filters refuse, weighers prefer (nova/scheduler/manager.py _get_sorted_hosts). The order of the candidates makes no difference. Pure.
 * @param among.only of a rebuild: asks only the filters that concern it
 */
export function chooseHost(
  wanted: Wanted,
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

function testsOf(wanted: Wanted, at: At & { readonly only?: 'on rebuild' }): NamedTest[] {
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
