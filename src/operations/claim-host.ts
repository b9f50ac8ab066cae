import { Failure } from '../model/failure.ts';
import type { FlavorSnapshot } from '../model/flavor.ts';
import type { HostName } from '../model/ids.ts';
import type { Server } from '../model/server.ts';
import { type Choice, chooseHost } from '../scheduler/choose-host.ts';
import type { Queries } from '../store/store.ts';
import type { StepContext } from './step.ts';

/** What is looked for. */
interface Search {
  readonly server: Server;
  readonly flavor: FlavorSnapshot;
  /** The host that an administrator named, or null. */
  readonly host: string | null;
  /** A host that will not do. */
  readonly except?: HostName | null;
  /** A host to be taken if it will do at all. */
  readonly rather?: HostName | null;
}

/**
 * Chooses a host among those that have room. To be called in the transaction that writes the claim, so that nobody overcommits.
 * @throws {Failure} `out-of-space`, with a sentence for each host that was refused in the operator's text
 */
export async function findHost(
  tx: Queries,
  search: Search,
  { settings, now }: StepContext,
): Promise<HostName> {
  const { server, flavor, host, except = null, rather = null } = search;
  const candidates = [];
  for (const each of await tx.hosts.list()) {
    if (each.name === except) continue;
    candidates.push({ host: each, used: await tx.servers.usageOfHost(each.name) });
  }
  const at = { limits: settings.scheduler, now: now() };
  const wanted = { flavor, zone: server.availabilityZone, host };
  const first = candidates.filter((candidate) => candidate.host.name === rather);
  const choice = chooseHost(wanted, { candidates: first, ...at });
  const chosen = choice.host === null ? chooseHost(wanted, { candidates, ...at }) : choice;
  if (chosen.host !== null) return chosen.host;
  throw new Failure('out-of-space', 'No valid host was found. There are not enough hosts available.', {
    operatorText: sayRefusals(chosen),
  });
}

function sayRefusals({ refusals }: Choice): string {
  if (refusals.length === 0) return 'No compute host that could be chosen has reported yet.';
  return refusals.map(({ host, filter, why }) => `${host}: ${filter}: ${why}`).join('\n');
}
