import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../../model/identity.ts';
import type { RequestId } from '../../model/ids.ts';
import type { ApiDependencies } from './dependencies.ts';
import { MIN_MICROVERSION, type Microversion, microversionText, negotiate } from './microversion.ts';
import { normalUrl } from './request-url.ts';
import { malformedUrl, type RewrittenUrl, rewrittenUrlOf } from './rewritten-url.ts';
import type { RouteTable } from './route-table.ts';
import type { Service } from './service.ts';

const REACH = Symbol('how the client reached the service');
type Reached = IncomingMessage & { [REACH]?: RewrittenUrl };

/** Characters of a version header's end that an answer may name. */
const MAX_VERSION_LENGTH = 32;

/** What is known of a request before its body is read. */
export interface RequestState {
  caller: Caller | null;
  version: Microversion;
}

declare module 'fastify' {
  interface FastifyRequest {
    visit: RequestState;
  }
  interface FastifyContextConfig {
    table?: RouteTable;
  }
}

/** Fastify's `rewriteUrl`: brings a URL into the form that routes have, and remembers how it was written. */
export function rewriteUrl(message: IncomingMessage): string {
  const raw = message.url ?? '/';
  const url = normalUrl(raw);
  const reach = url === undefined ? malformedUrl(raw) : rewrittenUrlOf(url);
  (message as Reached)[REACH] = reach;
  return reach.route;
}

/** How the client reached the service. */
export function requestUrlOf(request: FastifyRequest): RewrittenUrl {
  return (request.raw as Reached)[REACH] ?? malformedUrl(request.raw.url ?? '/');
}

export function requestIdOf(request: FastifyRequest): RequestId {
  return request.id as RequestId;
}

/**
 * What links begin with: the configured public URL, else the address that the client itself used; then the
 * service's prefix. `X-Forwarded-*` headers are not looked at: anybody can send them.
 */
export function baseOf(request: FastifyRequest, parts: ApiDependencies): string {
  return rootOf(request, parts) + requestUrlOf(request).prefix;
}

/** Scheme and host, no slash at the end. */
export function rootOf(request: FastifyRequest, parts: ApiDependencies): string {
  const configured = parts.config.nameplate.public_url;
  if (configured !== undefined) return String(configured).replace(/\/+$/, '');
  const host = request.headers.host;
  const { localAddress, localPort } = request.raw.socket;
  return `http://${host !== undefined && /^[\w.\-:[\]]{1,255}$/.test(host) ? host : `${localAddress}:${localPort}`}`;
}

/** Puts request ids on the answer: Nova has two names for the one id; Keystone and Glance have one. */
export function nameRequest(service: Service, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-openstack-request-id', request.id);
  if (service.name === 'compute') reply.header('x-compute-request-id', request.id);
  if (service.name === 'identity') reply.header('vary', 'X-Auth-Token');
}

/**
 * Negotiates the microversion and says on the answer which one it is, also when it is refused.
 * @throws {Failure} `invalid`, `not-acceptable`
 */
export function negotiateVersion(request: FastifyRequest, reply: FastifyReply): Microversion {
  const { headers } = request;
  reply.header('vary', 'OpenStack-API-Version, X-OpenStack-Nova-API-Version');
  try {
    const version = negotiate(headers);
    sayVersion(reply, microversionText(version));
    return version;
  } catch (refused) {
    const given = String(headers['openstack-api-version'] ?? headers['x-openstack-nova-api-version']);
    const asked = /(\d+\.\d+)\s*$/.exec(given.slice(-MAX_VERSION_LENGTH))?.[1];
    sayVersion(reply, asked ?? microversionText(MIN_MICROVERSION));
    throw refused;
  }
}

function sayVersion(reply: FastifyReply, version: string): void {
  reply.header('openstack-api-version', `compute ${version}`);
  reply.header('x-openstack-nova-api-version', version);
}
