import type { Server } from '../../../../model/server.ts';
import type { Operations, Requester } from '../../../../operations/requests/operations.ts';
import type { Route } from '../../../http/route.ts';
import { requesterOf } from '../found-server.ts';
import { action } from './action.ts';

type Simple = (operations: Operations, server: Server, by: Requester) => Promise<void>;

/** A server action without a body: it starts one operation. */
export function simpleAction(
  key: string,
  of: Pick<Route, 'since' | 'policy' | 'summary'> & { run: Simple; status?: number },
): Route {
  const { run, ...said } = of;
  return action({
    key,
    access: 'member',
    ...said,
    async handle({ context, server }) {
      await run(context.parts.operations, server, requesterOf(context));
    },
  });
}
