import { Type } from '../../../../model/schema.ts';
import type { Route } from '../../../http/route.ts';
import { requesterOf } from '../found-server.ts';
import { action } from './action.ts';

/** https://docs.openstack.org/api-ref/compute/#reset-server-state-os-resetstate-action */
export const resetStateAction: Route = action({
  key: 'os-resetState',
  access: 'admin',
  policy: 'os_compute_api:os-admin-actions:reset_state',
  summary: 'Say that a server is active or in error; nothing is done to its guest',
  schema: Type.Object(
    { state: Type.Unsafe<'active' | 'error'>({ type: 'string', enum: ['active', 'error'] }) },
    { additionalProperties: false },
  ),
  async handle({ context, server, body }) {
    await context.parts.operations.resetState(server, body.state, requesterOf(context));
  },
});
