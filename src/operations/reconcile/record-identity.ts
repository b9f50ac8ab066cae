import { within } from '../../async/deadline.ts';
import type { Bus } from '../../bus/bus.ts';
import type { ComputeHost } from '../../model/host.ts';
import type { ProjectId, ServerId } from '../../model/ids.ts';
import type { Log } from '../../model/log.ts';
import type { GuestInterface } from '../../model/machine-identity.ts';
import { inabilityOf } from '../../model/messages/agent-ability.ts';
import { recordMachine } from '../../model/value-times.ts';
import type { Store } from '../../store/promise/store.ts';
import { LOOK_MS } from '../engine/follow-guest.ts';
import { networksOfInterfaces, takeInInterfaces } from './take-in-interfaces.ts';

/** What recording identities needs. */
export interface RecordingParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly now: () => number;
  readonly log: Log;
  /** Owns the networks that guests of earlier releases are found on. */
  readonly adminProject: ProjectId;
}

/**
 * Records what a guest of an earlier release is known by, at the first contact with it: its definition says
 * so, and later definitions on any host repeat it. Its interfaces become ports with the MAC that they have,
 * where the host has physical networks of their names: not under a daemon of an ordinary user.
 * Does nothing for a server that has a record, that is worked on, or whose agent cannot read definitions.
 * @throws {Failure} when the host does not answer
 */
export async function recordIdentity(parts: RecordingParts, id: ServerId): Promise<void> {
  const { store, bus, now, log } = parts;
  const server = await store.servers.find(id);
  if (server === undefined || server.machine !== null || server.taskState !== null || server.host === null)
    return;
  const { host } = server;
  const agent = await store.hosts.find(host);
  if (agent === undefined || inabilityOf(agent, ['machine-identity']) !== undefined) return;
  const question = { verb: 'machine-identity', server: id } as const;
  const found = await within(LOOK_MS, (signal) => bus.request(host, question, signal));
  if (found === null) return;
  const { interfaces = [], ...machine } = found;
  const onlyPorts = server.onlyPorts || canHaveAsPorts(agent, found.interfaces);
  const taken = onlyPorts && !server.onlyPorts ? interfaces : [];
  const networks = await networksOfInterfaces(store, taken, { owner: parts.adminProject, at: now() });
  await store.lockingTransaction(async (tx) => {
    const seen = await tx.servers.find(id);
    if (seen?.generation !== server.generation) return; // an operation began: its definition says it
    const recorded = recordMachine(seen, machine, now());
    const updated = await tx.servers.update(seen, { ...recorded, onlyPorts, updatedAt: now() });
    await takeInInterfaces(tx, updated, { interfaces: taken, networks });
    log('identity-recorded', { server: id, host, machineType: machine.machineType });
  });
}

/** Whether the host can have all of these interfaces as ports; not where its agent did not read them. */
function canHaveAsPorts({ networks }: ComputeHost, read: readonly GuestInterface[] | undefined): boolean {
  const names = networks?.physicalNetworks ?? [];
  return read?.every(({ network }) => names.includes(network)) ?? false;
}
