import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static, TObject, TSchema } from 'typebox';
import type { Caller } from '../../model/identity.ts';
import type { RequestId } from '../../model/ids.ts';
import type { BodyKind } from './bodies.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Microversion } from './microversion.ts';
import type { Shape } from './shape.ts';

/** The input of every handler: the parsed and validated request. */
export interface RequestContext<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  /** The negotiated microversion; 2.1 outside the Compute API. */
  readonly version: Microversion;
  readonly requestId: RequestId;
  /**
   * The beginning of links: scheme, host and the service's prefix as in the client's URL, without a slash at
   * the end.
   */
  readonly base: string;
  readonly parts: ApiDependencies;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/**
 * Who may use a route: anybody without a token, any token, a role in the token's project, or administrators.
 */
export type Access = 'anybody' | 'token' | 'reader' | 'member' | 'admin';

/** The body of a successful answer: JSON of a shape, nothing, or the bytes of an image. */
export type Response = TSchema | Shape | 'nothing' | 'bytes';

interface Schemas {
  readonly params?: TObject;
  readonly query?: TSchema;
  readonly body?: TSchema;
}
type Of<T extends TSchema | undefined> = T extends TSchema ? Static<T> : undefined;

/** The declaration of a route, which the server, the documentation and the tests read. */
export interface RouteSpec<S extends Schemas> {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As in the API reference, e.g. `/servers/:id`, relative to the service's prefix. */
  readonly path: string;
  /** The body's only key that selects this route, for a path that takes several actions, e.g. `os-start`. */
  readonly action?: string;
  /** The microversions that have this form, both ends included. Absent: all. */
  readonly since?: `2.${number}`;
  readonly until?: `2.${number}`;
  readonly access: Access;
  /** Nova's or Keystone's policy rule, which error texts name. */
  readonly policy: string;
  /** One line for the coverage page. */
  readonly summary: string;
  readonly schemas?: S;
  /** The kind of body that the route accepts. Absent: JSON. */
  readonly bodyKind?: BodyKind;
  /** Maximum bytes of the JSON body, if lower than for the service's other routes. */
  readonly maxBody?: number;
  /** The status of a successful answer. */
  readonly status: number;
  /** The body of a successful answer. Absent: nothing at 204, else not described yet. */
  readonly response?: Response;
  /** Other statuses of success with their bodies. */
  readonly alsoAnswers?: Readonly<Record<number, Response>>;
  handle(context: RequestContext<Of<S['params']>, Of<S['query']>, Of<S['body']>>): Promise<unknown>;
}

/** A route without its types, for tables. */
export type Route = RouteSpec<Schemas>;

/** Declares a route; the schemas give the types of its handler. */
export function route<const S extends Schemas>(spec: RouteSpec<S>): Route {
  return spec as unknown as Route;
}
