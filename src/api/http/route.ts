import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static, TObject, TSchema } from 'typebox';
import type { Caller } from '../../model/identity.ts';
import type { RequestId } from '../../model/ids.ts';
import type { BodyKind } from './bodies.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Microversion } from './microversion.ts';
import type { Shape } from './shape.ts';

/** What every handler is handed: the request, parsed and checked. */
export interface RequestContext<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  /** The microversion that was negotiated; 2.1 outside the Compute API. */
  readonly version: Microversion;
  readonly requestId: RequestId;
  /**
   * Scheme, host and the service's prefix as the client reached it, no slash at the end: what links begin
   * with.
   */
  readonly base: string;
  readonly parts: ApiDependencies;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Who may use a route: anybody (no token), any token, a role in the token's project, or administrators. */
export type Access = 'anybody' | 'token' | 'reader' | 'member' | 'admin';

/** What an answer of success has as its body: JSON of a shape, none, or bytes of an image. */
export type Response = TSchema | Shape | 'nothing' | 'bytes';

interface Schemas {
  readonly params?: TObject;
  readonly query?: TSchema;
  readonly body?: TSchema;
}
type Of<T extends TSchema | undefined> = T extends TSchema ? Static<T> : undefined;

/** A route as it is written down: the one place that server, documentation and tests read. */
export interface RouteSpec<S extends Schemas> {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As in the API reference, e.g. `/servers/:id`, below the service's prefix. */
  readonly path: string;
  /** The one key of the body that means this route, where a path takes several actions, e.g. `os-start`. */
  readonly action?: string;
  /** Which microversions have it in this form; both ends belong to it. Absent: all. */
  readonly since?: `2.${number}`;
  readonly until?: `2.${number}`;
  readonly access: Access;
  /** Nova's or Keystone's policy rule, as a refusal names it. */
  readonly policy: string;
  /** One line for the coverage page. */
  readonly summary: string;
  readonly schemas?: S;
  /** What it takes as its body; absent: JSON. */
  readonly takes?: BodyKind;
  /** Bytes of its JSON body, where it takes fewer than the service's other routes. */
  readonly maxBody?: number;
  /** Status of success. */
  readonly status: number;
  /** What stands in the answer of success. Absent: nothing at 204, else not described yet. */
  readonly response?: Response;
  /** Other statuses of success, each with what stands in its answer. */
  readonly alsoAnswers?: Readonly<Record<number, Response>>;
  handle(context: RequestContext<Of<S['params']>, Of<S['query']>, Of<S['body']>>): Promise<unknown>;
}

/** A route without its types: what tables hold. */
export type Route = RouteSpec<Schemas>;

/** Writes a route down, its handler typed by its schemas. */
export function route<const S extends Schemas>(spec: RouteSpec<S>): Route {
  return spec as unknown as Route;
}
