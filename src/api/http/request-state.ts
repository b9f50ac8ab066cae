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

const REWRITTEN_URL = Symbol('rewritten URL');
type RewrittenMessage = IncomingMessage & { [REWRITTEN_URL]?: RewrittenUrl };

/** Characters of a version header that an error text may show. */
const MAX_VERSION_LENGTH = 32;

/** The state of a request before its body is read. */
export interface RequestState {
  caller: Caller | null;
  version: Microversion;
}

declare module 'fastify' {
  interface FastifyRequest {
    requestState: RequestState;
  }
  interface FastifyContextConfig {
    table?: RouteTable;
  }
}

/** Fastify's `rewriteUrl`: normalizes the URL for routing, and keeps the original form for links. */
export function rewriteUrl(message: IncomingMessage): string {
  const raw = message.url ?? '/';
  const url = normalUrl(raw);
  const rewritten = url === undefined ? malformedUrl(raw) : rewrittenUrlOf(url);
  (message as RewrittenMessage)[REWRITTEN_URL] = rewritten;
  return rewritten.route;
}

/** How the client reached the service. */
export function requestUrlOf(request: FastifyRequest): RewrittenUrl {
  return (request.raw as RewrittenMessage)[REWRITTEN_URL] ?? malformedUrl(request.raw.url ?? '/');
}

export function requestIdOf(request: FastifyRequest): RequestId {
  return request.id as RequestId;
}

/**
 * The beginning of links: the configured public URL, or the address that the client used, and the service's
 * prefix. `X-Forwarded-*` headers are ignored, because any client can send them.
 */
export function baseOf(request: FastifyRequest, parts: ApiDependencies): string {
  return rootOf(request, parts) + requestUrlOf(request).prefix;
}

/** Scheme and host, without a slash at the end. */
export function rootOf(request: FastifyRequest, parts: ApiDependencies): string {
  const configured = parts.config.nameplate.public_url;
  if (configured !== undefined) return String(configured).replace(/\/+$/, '');
  const host = request.headers.host;
  const { localAddress, localPort } = request.raw.socket;
  return `http://${host !== undefined && /^[\w.\-:[\]]{1,255}$/.test(host) ? host : `${localAddress}:${localPort}`}`;
}

/** Sets the request id headers of the answer. Nova has two names for the id, Keystone and Glance one. */
export function nameRequest(service: Service, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-openstack-request-id', request.id);
  if (service.name === 'compute') reply.header('x-compute-request-id', request.id);
  if (service.name === 'identity') reply.header('vary', 'X-Auth-Token');
}

/**
 * Negotiates the microversion and sets it on the answer, also when it is refused.
 * @throws {Failure} `invalid`, `not-acceptable`
 */
export function negotiateVersion(request: FastifyRequest, reply: FastifyReply): Microversion {
  const { headers } = request;
  reply.header('vary', 'OpenStack-API-Version, X-OpenStack-Nova-API-Version');
  try {
    const version = negotiate(headers);
    setVersionHeaders(reply, microversionText(version));
    return version;
  } catch (refused) {
    const header = String(headers['openstack-api-version'] ?? headers['x-openstack-nova-api-version']);
    const requested = /(\d+\.\d+)\s*$/.exec(header.slice(-MAX_VERSION_LENGTH))?.[1];
    setVersionHeaders(reply, requested ?? microversionText(MIN_MICROVERSION));
    throw refused;
  }
}

function setVersionHeaders(reply: FastifyReply, version: string): void {
  reply.header('openstack-api-version', `compute ${version}`);
  reply.header('x-openstack-nova-api-version', version);
}
