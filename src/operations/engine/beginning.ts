import type { TSchema } from 'typebox';
import type { ProjectId } from '../../model/ids.ts';
import type { ServerUsage } from '../../model/quota.ts';
import type { Server, ServerPatch } from '../../model/server.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { Requester } from './requester.ts';
import type { Settings } from './settings.ts';
import type { SchemaOf } from './stored-values.ts';

/** What an operation's beginning is worked out from. */
export interface BeginContext<Request> {
  readonly request: Request;
  /**
   * The server as it is in the transaction that writes the operation. A new server gets its number when the
   * store writes it.
   */
  readonly server: Omit<Server, 'number'>;
  readonly by: Requester;
  readonly tx: Queries;
  readonly settings: Settings;
}

/**
 * What an operation checks and changes when it begins, in the transaction that writes its row. A check
 * refuses by throwing a `Failure`.
 */
export interface Beginning<Request> {
  /** Checked before the server's state: Nova checks in this order. */
  checkFirst?(context: BeginContext<Request>): Promise<void>;
  /** Checked after the server's state. */
  check?(context: BeginContext<Request>): Promise<void>;
  /** Written onto the server beside its task state. Pure. */
  patch?(context: Pick<BeginContext<Request>, 'request'>): ServerPatch;
}

/** What an operation takes up of a project's quota. */
export interface QuotaUse<Request> {
  /** Whose quota: an administrator's resize, for example, counts against the server's own project. */
  project(context: { readonly server: Pick<Server, 'projectId'>; readonly by: Requester }): ProjectId;
  /** What is added to what the project uses. Pure. */
  adds(context: Pick<BeginContext<Request>, 'server' | 'request'>): ServerUsage;
}

declare const requested: unique symbol;

/** What an operation stores of its request, for its steps. */
export interface OperationInput<Request> {
  /** Of what is stored. */
  readonly schema: TSchema;
  /** Absent: the request is stored as it is. */
  from?(context: BeginContext<Request>): Promise<object>;
  readonly [requested]?: Request;
}

/** The input is the request itself. */
export function asRequested<Request>({ schema }: SchemaOf<Request>): OperationInput<Request> {
  return { schema };
}

/** The input is worked out from the request and the server when the operation begins. */
export function inputFrom<Request, Input extends object>(
  { schema }: SchemaOf<Input>,
  from: (context: BeginContext<Request>) => Promise<Input>,
): OperationInput<Request> {
  return { schema, from };
}
