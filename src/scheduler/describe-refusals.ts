import type { HostName } from '../model/ids.ts';
import type { Refusal } from './choose-host.ts';
import { forOwnerOf } from './filters.ts';

/**
 * Maximum number of named hosts: the text is stored with the operation and must stay readable with ten
 * thousand hosts.
 */
const MAX_NAMED_HOSTS = 200;

/** Hosts refused by one filter, grouped by reason. */
export interface RefusedBy {
  readonly filter: string;
  /** Number of refused hosts. */
  readonly count: number;
  readonly reasons: readonly { readonly why: string; readonly hosts: readonly HostName[] }[];
}

/**
 * Refusals by filter and reason, as stored with an operation. All are counted; the first 200 hosts are named.
 */
export function groupRefusals(refusals: readonly Refusal[]): RefusedBy[] {
  const named = new Set(refusals.slice(0, MAX_NAMED_HOSTS));
  const byFilter = Map.groupBy(refusals, ({ filter }) => filter);
  return Array.from(byFilter, ([filter, of]) => ({
    filter,
    count: of.length,
    reasons: Array.from(
      Map.groupBy(
        of.filter((refusal) => named.has(refusal)),
        ({ why }) => why,
      ),
      ([why, alike]) => ({ why, hosts: alike.map(({ host }) => host) }),
    ),
  }));
}

/** Filters for hosts that were never eligible, whatever the server needs. */
const NEVER_ELIGIBLE: ReadonlySet<string> = new Set([
  ...['IgnoredHosts', 'RequestedHostFilter', 'ComputeFilter', 'AvailabilityZoneFilter'],
]);

/**
 * The text for the server's owner: the one reason why no host was left, if there is exactly one that owners
 * may read.
 */
export function describeRefusalsToOwner(refusals: readonly Refusal[]): string {
  const [filter, ...others] = new Set(
    refusals.map((refusal) => refusal.filter).filter((name) => !NEVER_ELIGIBLE.has(name)),
  );
  const reason = filter === undefined || others.length > 0 ? undefined : forOwnerOf(filter);
  return reason === undefined
    ? 'There are not enough hosts available.'
    : `No compute host that the server may go to ${reason}.`;
}

/** The text for operators: the number of refused hosts and the reasons, by filter. */
export function describeRefusals(refusals: readonly Refusal[]): string {
  const all = refusals.length;
  return groupRefusals(refusals)
    .flatMap(({ filter, count, reasons }) => {
      const unnamed = reasons.reduce((left, { hosts }) => left - hosts.length, count);
      return [
        `${filter} refused ${count} of ${all} ${all === 1 ? 'host' : 'hosts'}:`,
        ...reasons.map(({ why, hosts }) => `- ${hosts.join(', ')}: ${why}`),
        ...(unnamed > 0 ? [`- and ${unnamed} more`] : []),
      ];
    })
    .join('\n');
}
