import type { HostName } from '../model/ids.ts';
import type { Refusal } from './choose-host.ts';
import { forOwnerOf } from './filters.ts';

/** How many hosts are named: what is kept with an operation must stay readable, and small, among ten thousand. */
const MAX_NAMED_HOSTS = 200;

/** The hosts that one filter refused, those with the same reason together. */
export interface RefusedBy {
  readonly filter: string;
  /** How many hosts it refused. */
  readonly count: number;
  readonly reasons: readonly { readonly why: string; readonly hosts: readonly HostName[] }[];
}

/** Refusals by filter and reason, as they are kept with an operation. All are counted; the first 200 hosts are named. */
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

/** Hosts that the server was not to go to, whatever it needs. */
const NEVER_ELIGIBLE: ReadonlySet<string> = new Set([
  ...['IgnoredHosts', 'RequestedHostFilter', 'ComputeFilter', 'AvailabilityZoneFilter'],
]);

/** What the server's owner is told of refusals: the one reason why no host was left, if there is one that owners can be told. */
export function describeRefusalsToOwner(refusals: readonly Refusal[]): string {
  const [filter, ...others] = new Set(
    refusals.map((refusal) => refusal.filter).filter((name) => !NEVER_ELIGIBLE.has(name)),
  );
  const reason = filter === undefined || others.length > 0 ? undefined : forOwnerOf(filter);
  return reason === undefined
    ? 'There are not enough hosts available.'
    : `No compute host that the server may go to ${reason}.`;
}

/** Refusals for an operator: per filter how many hosts it refused, and why. */
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
