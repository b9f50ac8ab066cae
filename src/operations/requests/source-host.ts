import { Failure } from '../../model/failure.ts';
import { isDown } from '../../model/host-down.ts';
import type { Server } from '../../model/server.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { OperationKind } from '../engine/step.ts';

interface SourceUp {
  readonly refusal: NonNullable<OperationKind['sourceUp']>;
  /** After how long without a report a host counts as down. Milliseconds. */
  readonly serviceDownMs: number;
}

/**
 * A server can only leave a host that is up: from one that is down it is evacuated, and a move would try for
 * minutes and leave it in ERROR (nova/compute/api.py check_instance_host with check_is_up, for cold
 * migrations and resizes; nova/conductor/tasks/live_migrate.py _check_host_is_up, which finds it after Nova
 * has answered).
 * @throws {Failure} `conflict`, which does not name the host: members resize; or `invalid`, which names it
 */
export async function requireSourceUp(
  { hosts }: Pick<Queries, 'hosts'>,
  { host }: Pick<Server, 'host'>,
  { refusal, serviceDownMs }: SourceUp,
): Promise<void> {
  const source = host === null ? undefined : await hosts.find(host);
  if (source === undefined || !isDown(source, { serviceDownMs })) return;
  const named = `Compute service of ${host} is unavailable at this time.`;
  throw new Failure(refusal, refusal === 'invalid' ? named : 'Service is unavailable at this time.');
}
