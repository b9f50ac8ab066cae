import type { Static, TSchema } from 'typebox';
import { Type } from '../../../../model/schema.ts';
import type { Server } from '../../../../model/server.ts';
import { type RequestContext, type Response, type Route, route } from '../../../http/route.ts';
import { ServerParams } from '../field-schemas.ts';
import { foundServer } from '../found-server.ts';

/** A requested action with its server and its body. */
export interface ActionRequest<Body> {
  readonly context: RequestContext;
  readonly server: Server;
  readonly body: Body;
}

/** One form of an action of `POST /servers/{id}/action`. */
interface ServerAction<S extends TSchema>
  extends Pick<Route, 'since' | 'until' | 'access' | 'policy' | 'summary'> {
  /** The only key of the body, e.g. `os-start`. */
  readonly key: string;
  /** The schema of the key's value. Absent: any value, as for Nova's actions without a schema. */
  readonly schema?: S;
  /** The status of success; by default 202. */
  readonly status?: number;
  /** By default nothing. */
  readonly response?: Response;
  handle(asked: ActionRequest<Static<S>>): Promise<unknown>;
}

/** Declares a server action as a route; the schema gives the type of its handler. */
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
