import { randomUUID } from 'node:crypto';
import { type FastifyInstance, fastify } from 'fastify';
import type { Config } from '../config/declared.ts';
import { Failure } from '../model/failure.ts';
import { leaveBodies, limitBodyTime } from './http/bodies.ts';
import { mount } from './http/mount.ts';
import type { ApiParts } from './http/parts.ts';
import { serviceOf } from './http/reach.ts';
import { refuse } from './http/refuse.ts';
import { refuseUnreadable } from './http/unreadable-request.ts';
import { rewriteUrl } from './http/visit.ts';
import { services } from './services.ts';

/** Characters of one path segment, written in percent signs: an extra spec's key has up to 255. */
const LONGEST_SEGMENT = 1024;

/** The HTTP server with every service mounted; not listening yet. */
export async function buildApi(parts: ApiParts): Promise<FastifyInstance> {
  const app = fastify({
    ...connectionLimits(parts.config.wsgi),
    bodyLimit: parts.config.oslo_middleware.max_request_body_size,
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    genReqId: () => `req-${randomUUID()}`,
    exposeHeadRoutes: false,
    rewriteUrl,
    clientErrorHandler: refuseUnreadable,
    routerOptions: { maxParamLength: LONGEST_SEGMENT },
    frameworkErrors: (error, request, reply) => {
      refuse({ service: serviceOf(request.url), parts }, error, { request, reply });
    },
  });
  app.server.maxConnections = parts.config.wsgi.max_connections;
  app.decorateRequest('visit');
  leaveBodies(app);
  const bodyMs = parts.config.wsgi.body_timeout * 1000;
  app.addHook('onRequest', async (request, reply) => limitBodyTime(request, reply, bodyMs));
  app.setErrorHandler((error, request, reply) =>
    refuse({ service: serviceOf(request.url), parts }, error, { request, reply }),
  );
  app.setNotFoundHandler(() => {
    throw new Failure('not-found', 'The resource could not be found.');
  });
  if (parts.config.DEFAULT.debug) logRequests(app, parts);
  for (const service of services()) mount(app, service, parts);
  await app.ready();
  return app;
}

/** Between two looks for connections whose time is up. Milliseconds. */
const LOOK_MS = 5_000;

/** How long a connection may take, as Node and Fastify call it. A body has a time of its own, by its route. */
function connectionLimits(wsgi: Config['wsgi']) {
  return {
    http: {
      headersTimeout: wsgi.header_timeout * 1000,
      requestTimeout: 0,
      connectionsCheckingInterval: LOOK_MS,
    },
    connectionTimeout: wsgi.client_socket_timeout * 1000,
    keepAliveTimeout: wsgi.keep_alive_timeout * 1000,
    requestTimeout: 0,
  };
}

/** One line a request, for finding faults; with the id that the client gave it, if it did. */
function logRequests(app: FastifyInstance, parts: ApiParts): void {
  app.addHook('onResponse', async (request, reply) => {
    const given = request.headers['x-openstack-request-id'];
    parts.log('request', {
      method: request.method,
      url: request.originalUrl,
      requestId: request.id,
      status: reply.statusCode,
      milliseconds: Math.round(reply.elapsedTime),
      ...(typeof given === 'string' && /^req-[0-9a-f-]{36}$/.test(given) ? { globalRequestId: given } : {}),
    });
  });
}
