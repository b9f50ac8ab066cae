import { within } from '../../async/deadline.ts';
import type { Bus } from '../../bus/bus.ts';
import type { ServerId } from '../../model/ids.ts';
import type { Log } from '../../model/log.ts';
import { inabilityOf } from '../../model/messages/agent-ability.ts';
import { recordMachine } from '../../model/value-times.ts';
import type { Store } from '../../store/promise/store.ts';
import { LOOK_MS } from '../engine/follow-guest.ts';

interface RecordingParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly now: () => number;
  readonly log: Log;
}

/**
 * Records what a guest of an earlier release is known by, at the first contact with it: its definition says
 * so, and later definitions on any host repeat it. Does nothing for a server that has a record, that is
 * worked on, or whose agent cannot read definitions.
 * @throws {Failure} when the host does not answer
 */
export async function recordIdentity({ store, bus, now, log }: RecordingParts, id: ServerId): Promise<void> {
  const server = await store.servers.find(id);
  if (server === undefined || server.machine !== null || server.taskState !== null || server.host === null)
    return;
  const { host } = server;
  const agent = await store.hosts.find(host);
  if (agent === undefined || inabilityOf(agent, ['machine-identity']) !== undefined) return;
  const read = { verb: 'machine-identity', server: id } as const;
  const machine = await within(LOOK_MS, (signal) => bus.request(host, read, signal));
  if (machine === null) return;
  await store.lockingTransaction(async (tx) => {
    const seen = await tx.servers.find(id);
    if (seen?.generation !== server.generation) return; // an operation began: its definition says it
    await tx.servers.update(seen, { ...recordMachine(seen, machine, now()), updatedAt: now() });
    log('identity-recorded', { server: id, host, machineType: machine.machineType });
  });
}
