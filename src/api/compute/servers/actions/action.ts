import { type Static, type TSchema, Type } from 'typebox';
import type { Server } from '../../../../model/server.ts';
import { type RequestContext, type Response, type Route, route } from '../../../http/route.ts';
import { ServerParams } from '../field-schemas.ts';
import { foundServer } from '../found-server.ts';

/** An action that was asked for, with its server and what stands under its key. */
export interface ActionRequest<Body> {
  readonly context: RequestContext;
  readonly server: Server;
  readonly body: Body;
}

/** One thing that `POST /servers/{id}/action` does, in one form. */
interface ServerAction<S extends TSchema>
  extends Pick<Route, 'since' | 'until' | 'access' | 'policy' | 'summary'> {
  /** The body's one key, e.g. `os-start`. */
  readonly key: string;
  /** What stands under the key; absent: anything, as for Nova's actions without a schema. */
  readonly schema?: S;
  /** Status of success; 202 unless said. */
  readonly status?: number;
  /** Nothing unless said. */
  readonly response?: Response;
  handle(asked: ActionRequest<Static<S>>): Promise<unknown>;
}

/** Writes a server action down as a route, its handler typed by its schema. */
export function action<const S extends TSchema = TSchema>(spec: ServerAction<S>): Route {
  const { key, schema, status = 202, response = 'nothing', handle, ...rest } = spec;
  return route({
    ...rest,
    method: 'POST',
    path: '/servers/:server_id/action',
    action: key,
    status,
    response,
    schemas: {
      params: ServerParams,
      body: Type.Object({ [key]: schema ?? Type.Unknown() }, { additionalProperties: false }),
    },
    async handle(context) {
      const server = await foundServer(context, context.params.server_id);
      return handle({ context, server, body: (context.body as Record<string, Static<S>>)[key]! });
    },
  });
}
