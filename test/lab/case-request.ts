import { type Server, statusOf, type VmState } from '../../src/model/server.ts';
import type { OperationKind } from '../../src/operations/engine/step.ts';
import type { NoInput } from '../../src/operations/engine/stored-values.ts';
import type { Cloud } from './cloud.ts';
import { requester } from './requests.ts';

/** The body of a server action; or a request that is no single action. */
export type ApiRequest =
  | 'create'
  | 'delete'
  | 'evacuate'
  | 'attach port'
  | 'detach port'
  | Readonly<Record<string, unknown>>;

/** What begins an operation: a call within the process, and the same as a request to the API. */
export interface CaseRequest {
  (cloud: Cloud, server: Server): Promise<unknown>;
  /** A resize names the flavor `large` or `away`, a rebuild the image `own`. */
  readonly request: ApiRequest;
  /** The state that it brings a server to, where it prepares servers for other cases. */
  readonly leadsTo?: VmState;
}

export function caseRequest(
  request: ApiRequest,
  start: (cloud: Cloud, server: Server) => Promise<unknown>,
  leadsTo?: VmState,
): CaseRequest {
  return Object.assign(start, { request, ...(leadsTo && { leadsTo }) });
}

/** The same for an operation without input, and an action without a body. */
export function simpleRequest(
  kind: OperationKind<string, NoInput>,
  action: string,
  leadsTo?: VmState,
): CaseRequest {
  return caseRequest(
    { [action]: null },
    ({ operations }, server) => operations.start(kind, server, {}, requester()),
    leadsTo,
  );
}

/** What brings a server to where a case begins, with the API's status in which it then rests. */
export function preparation({ request, leadsTo }: CaseRequest): readonly [ApiRequest, status: string] {
  if (leadsTo === undefined)
    throw new Error(`${JSON.stringify(request)} does not say what state it leads to`);
  return [request, statusOf({ vmState: leadsTo, taskState: null })];
}
