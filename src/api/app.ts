import { randomUUID } from 'node:crypto';
import { type FastifyInstance, fastify } from 'fastify';
import type { Config } from '../config/declared.ts';
import { Failure } from '../model/failure.ts';
import { leaveBodies, limitBodyTime } from './http/bodies.ts';
import type { ApiDependencies } from './http/dependencies.ts';
import { sendError } from './http/error-handler.ts';
import { registerService } from './http/register-service.ts';
import { rewriteUrl } from './http/request-state.ts';
import { serviceOf } from './http/rewritten-url.ts';
import { refuseUnreadable } from './http/unreadable-request.ts';
import { services } from './services.ts';

/** Characters of an escaped path segment: the key of an extra spec has up to 255 characters. */
const MAX_SEGMENT_LENGTH = 1024;

/** Builds the HTTP server with all services. It does not listen yet. */
export async function buildApi(parts: ApiDependencies): Promise<FastifyInstance> {
  const app = fastify({
    ...connectionLimits(parts.config.wsgi),
    bodyLimit: parts.config.oslo_middleware.max_request_body_size,
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    genReqId: () => `req-${randomUUID()}`,
    exposeHeadRoutes: false,
    rewriteUrl,
    clientErrorHandler: refuseUnreadable,
    routerOptions: { maxParamLength: MAX_SEGMENT_LENGTH },
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    frameworkErrors: (error, request, reply) => {
      sendError({ service: serviceOf(request.url), parts }, error, { request, reply });
    },
  });
  app.server.maxConnections = parts.config.wsgi.max_connections;
  app.decorateRequest('requestState');
  leaveBodies(app);
  const bodyMs = parts.config.wsgi.body_timeout * 1000;
  app.addHook('onRequest', async (request, reply) => limitBodyTime(request, reply, bodyMs));
  app.setErrorHandler((error, request, reply) =>
    sendError({ service: serviceOf(request.url), parts }, error, { request, reply }),
  );
  app.setNotFoundHandler(() => {
    throw new Failure('not-found', 'The resource could not be found.');
  });
  if (parts.config.DEFAULT.debug) logRequests(app, parts);
  for (const service of services()) registerService(app, service, parts);
  await app.ready();
  return app;
}

/** Nameplate's route tables validate. Without this, Fastify would load compilers of its own: 49 modules. */
function noCompiler(): never {
  throw new Failure('internal', 'A route has a schema of Fastify: name it in its table');
}

/** Interval at which Node checks connections against their time limits. Milliseconds. */
const CHECK_MS = 5_000;

/**
 * The time limits of a connection, by Node's and Fastify's names. The limit for a body depends on its route.
 */
function connectionLimits(wsgi: Config['wsgi']) {
  return {
    http: {
      headersTimeout: wsgi.header_timeout * 1000,
      requestTimeout: 0,
      connectionsCheckingInterval: CHECK_MS,
    },
    connectionTimeout: wsgi.client_socket_timeout * 1000,
    keepAliveTimeout: wsgi.keep_alive_timeout * 1000,
    requestTimeout: 0,
  };
}

/** Logs one line for each request at level debug, with the request id of the client if it sent one. */
function logRequests(app: FastifyInstance, parts: ApiDependencies): void {
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
