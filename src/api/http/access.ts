import type { FastifyRequest } from 'fastify';
import { Failure } from '../../model/failure.ts';
import type { Caller } from '../../model/identity.ts';
import type { ApiDependencies } from './dependencies.ts';
import { requestUrlOf } from './request-state.ts';
import type { ServiceName } from './rewritten-url.ts';
import type { Route } from './route.ts';

/**
 * Finds the caller by the token in the request's header.
 * @throws {Failure} `unauthenticated` without a token, or with an invalid one
 */
export async function callerOf(request: FastifyRequest, parts: ApiDependencies): Promise<Caller> {
  const text = request.headers['x-auth-token'];
  const caller =
    typeof text === 'string' && text !== '' ? await parts.authenticator.authenticate(text) : undefined;
  if (caller === undefined)
    throw new Failure('unauthenticated', 'The request you have made requires authentication.');
  return caller;
}

/**
 * Refuses a caller who may not use the route at all. The handler decides which resources the caller sees.
 * @throws {Failure} `forbidden`, with the service's text
 */
export function requireAccess(
  route: Pick<Route, 'access' | 'policy'>,
  caller: Caller,
  service: ServiceName,
): void {
  if (!isAllowed(route, caller, service)) throw forbidden(route.policy, service);
}

/** The refusal by a policy rule, with the service's text. */
export function forbidden(policy: string, service: ServiceName = 'compute'): Failure {
  if (service === 'identity')
    return new Failure('forbidden', `You are not authorized to perform the requested action: ${policy}.`);
  if (service === 'image')
    return new Failure('forbidden', `You are not authorized to complete ${policy} action.`);
  if (service === 'network')
    return new Failure('forbidden', `rule:${policy} is disallowed by policy`, {
      type: 'PolicyNotAuthorized',
    });
  return new Failure('forbidden', `Policy doesn't allow ${policy} to be performed.`);
}

function isAllowed(route: Pick<Route, 'access'>, caller: Caller, service: ServiceName): boolean {
  if ((service === 'compute' || service === 'network') && caller.projectId === null) return false;
  switch (route.access) {
    case 'anybody':
    case 'token':
      return true;
    case 'admin':
      return caller.isAdmin;
    default:
      return caller.isAdmin || caller.roles.includes(route.access);
  }
}

/**
 * Requires that a project in the URL is the token's project (nova/api/openstack/wsgi.py
 * Resource._process_stack).
 * @throws {Failure} `invalid`
 */
export function requireOwnProject(request: FastifyRequest, caller: Caller): void {
  const { projectId } = requestUrlOf(request);
  if (projectId !== null && projectId !== caller.projectId)
    throw new Failure(
      'invalid',
      `Malformed request URL: URL's project_id '${projectId}' doesn't match Context's project_id '${caller.projectId}'`,
    );
}
