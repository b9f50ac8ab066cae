import { requireLegal } from '../../../../model/action.ts';
import { Failure } from '../../../../model/failure.ts';
import { isUp } from '../../host-state.ts';
import { requesterOf } from '../found-server.ts';
import type { ActionRequest } from './action.ts';

/**
 * A server can only go from a host that is there: from one that is down it is evacuated, and a move would try for minutes and leave it in ERROR
 * (nova/compute/api.py check_instance_host with check_is_up, for cold migrations and resizes; nova/conductor/tasks/live_migrate.py _check_host_is_up,
 * which finds it after Nova has answered).
 * @throws {Failure} `conflict`; for live migrations `invalid`
 */
export async function requireSourceUp(
  { context, server }: Pick<ActionRequest<unknown>, 'context' | 'server'>,
  action: 'resize' | 'migrate' | 'os-migrateLive',
): Promise<void> {
  requireLegal(action, server, requesterOf(context));
  const { host } = server;
  const source = host === null ? undefined : await context.parts.store.hosts.find(host);
  if (source === undefined || isUp(source, context.parts)) return;
  if (action === 'os-migrateLive')
    throw new Failure('invalid', `Compute service of ${host} is unavailable at this time.`);
  throw new Failure('conflict', 'Service is unavailable at this time.');
}
