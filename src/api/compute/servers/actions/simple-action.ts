import type { OperationKind } from '../../../../operations/engine/step.ts';
import type { NoInput } from '../../../../operations/engine/stored-values.ts';
import type { Route } from '../../../http/route.ts';
import { requesterOf } from '../found-server.ts';
import { action } from './action.ts';

/** A server action without a body: it starts one operation. */
export function simpleAction(
  key: string,
  of: Pick<Route, 'since' | 'policy' | 'summary'> & {
    readonly starts: OperationKind<string, NoInput>;
    readonly status?: number;
  },
): Route {
  const { starts, ...said } = of;
  return action({
    key,
    access: 'member',
    ...said,
    async handle({ context, server }) {
      await context.parts.operations.start(starts, server, {}, requesterOf(context));
    },
  });
}
