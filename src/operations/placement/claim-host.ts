import type { Verb } from '../../model/command.ts';
import { Failure } from '../../model/failure.ts';
import type { FlavorSnapshot } from '../../model/flavor.ts';
import type { HostName } from '../../model/ids.ts';
import type { Server } from '../../model/server.ts';
import { type Choice, chooseHost, type Refusal } from '../../scheduler/choose-host.ts';
import {
  describeRefusals,
  describeRefusalsToOwner,
  groupRefusals,
} from '../../scheduler/describe-refusals.ts';
import type { Candidate, HostRequirements } from '../../scheduler/filter.ts';
import type { Queries, Store } from '../../store/promise/store.ts';
import type { HostView } from '../engine/recent-hosts.ts';
import type { Settings } from '../engine/settings.ts';
import type { StepContext } from '../engine/step.ts';
import { hostRequirementsOf } from './host-requirements.ts';
import { currentHost } from './host-view.ts';
import type { Scheduling } from './scheduling.ts';

/** What is looked for, and how it is taken. */
export interface Claim {
  readonly flavor: FlavorSnapshot;
  /** The host that an administrator named, or null. */
  readonly host: string | null;
  /** A host that will not do. */
  readonly except?: HostName | null;
  /** A host to be taken if it will do at all. */
  readonly rather?: HostName | null;
  /** Commands that another host than the server's own must be able to carry out. */
  readonly asks?: readonly Verb[];
  /** Whether the server, as it is now, still needs a host. */
  isWanted(server: Server): boolean;
  /** Writes the claim, in the transaction that has found that there is room. */
  write(tx: Queries, server: Server, host: HostName): Promise<unknown>;
}

/** What a claim needs of its step. */
export type ClaimContext = Pick<StepContext, 'store' | 'hosts' | 'server' | 'now'> & {
  readonly settings: Pick<Settings, 'scheduler'>;
};

/** How often the hosts are read anew because others took what was free. */
const ROUNDS = 50;

/**
 * Chooses a host for the server and claims it. The choice is made among all hosts as they were a moment ago;
 * whether there is still room is seen in the transaction that writes the claim, so that nobody overcommits,
 * and where another came first the next best is taken.
 *
 * @returns what was chosen and why not the others, for the step's output; undefined when the server needs no
 * host any more
 * @throws {Failure} `out-of-space`, with the hosts that each filter refused, and why, in the operator's text
 */
export async function claimHost(context: ClaimContext, claim: Claim): Promise<Scheduling | undefined> {
  const { store, hosts, server } = context;
  if (!claim.isWanted(server)) return undefined; // it was claimed before a crash: the claim itself may have taken the last room
  for (let round = 0; round < ROUNDS; round++) {
    const view = await (round === 0 ? hosts.recent() : hosts.refreshed());
    const wanted = await hostRequirementsOf(store, server, claim); // the others of its group may have found hosts meanwhile
    const choice = chooseIn(view, wanted, { context, claim });
    if (choice.hosts.length === 0) {
      if (round === 0) continue; // what was read a moment ago refuses nobody for good
      throw noValidHost(choice.refusals, claim);
    }
    for (const host of choice.hosts) {
      const taken = await inOne(store, server)((tx) => take(tx, host, { context, claim, wanted }));
      if (taken === 'not wanted') return undefined;
      if (taken === 'full') continue;
      hosts.noteClaim(host, claim.flavor);
      return { host, among: view.candidates.size, refused: groupRefusals(choice.refusals) };
    }
  }
  throw new Failure('unavailable', 'No valid host was found. Too many servers ask for the same hosts.');
}

interface Claiming {
  readonly context: ClaimContext;
  readonly claim: Claim;
}

function chooseIn({ candidates }: HostView, wanted: HostRequirements, { context, claim }: Claiming): Choice {
  const { except = null, rather = null } = claim;
  const own = rather === null ? undefined : candidates.get(rather);
  if (own !== undefined) {
    const choice = choose({ ...wanted, asks: [] }, [own], context);
    if (choice.hosts.length > 0) return choice;
  }
  const named = wanted.host === null ? candidates : only(candidates, wanted.host);
  if (except === null || !named.has(except)) return choose(wanted, named.values(), context);
  const others = [...named.values()].filter(({ host }) => host.name !== except);
  const { hosts, refusals } = choose(wanted, others, context);
  const left: Refusal = { host: except, filter: 'IgnoredHosts', why: 'The server is to leave this host.' };
  return { hosts, refusals: [left, ...refusals] };
}

function choose(
  wanted: HostRequirements,
  candidates: Iterable<Candidate>,
  { settings, now }: ClaimContext,
): Choice {
  return chooseHost(wanted, { candidates, settings: settings.scheduler, now: now() });
}

function only(candidates: HostView['candidates'], name: string): HostView['candidates'] {
  const found = candidates.get(name as HostName);
  return new Map(found === undefined ? [] : [[found.host.name, found]]);
}

/** The others of a group are counted; else only the server, the host and its sums are looked at. */
function inOne(store: Store, { groupId }: Server): Store['transaction'] {
  return groupId === null ? store.lockingTransaction : store.transaction;
}

/** One host a transaction: two that hold one each, and want the other's, would wait for ever. */
async function take(
  tx: Queries,
  host: HostName,
  { context, claim, wanted }: Claiming & { wanted: HostRequirements },
): Promise<'taken' | 'not wanted' | 'full'> {
  const server = await tx.servers.find(context.server.id);
  if (server === undefined || !claim.isWanted(server)) return 'not wanted';
  const asItIs = server.groupId === null ? wanted : await hostRequirementsOf(tx, server, claim);
  const asks = host === server.host ? [] : (claim.asks ?? []);
  const candidate = await currentHost(tx, host);
  if (candidate === undefined || choose({ ...asItIs, asks }, [candidate], context).hosts.length === 0)
    return 'full';
  await claim.write(tx, server, host);
  return 'taken';
}

/**
 * nova/exception.py NoValidHost: its owner is told why where one reason rules all hosts out, with the hosts
 * that each filter refused in the operator's text.
 * @param asked.host the one that was named, or null
 */
export function noValidHost(
  refusals: readonly Refusal[],
  { host }: { readonly host: string | null },
): Failure {
  const none =
    host === null ? 'No compute host has reported yet.' : `Compute host ${host} has never reported.`;
  return new Failure('out-of-space', `No valid host was found. ${describeRefusalsToOwner(refusals)}`, {
    operatorText: refusals.length === 0 ? none : describeRefusals(refusals),
  });
}
