import { randomUUID } from 'node:crypto';
import { type FastifyInstance, fastify } from 'fastify';
import { Failure } from '../model/failure.ts';
import { mount } from './mount.ts';
import type { ApiParts } from './parts.ts';
import { serviceOf } from './reach.ts';
import { refuse } from './refuse.ts';
import { services } from './services.ts';
import { rewriteUrl } from './visit.ts';

/** Bytes of a JSON body; image data is streamed past this. nova: oslo_middleware sizelimit. */
const BODY_LIMIT = 1024 * 1024;
/** Characters of one path segment, written in percent signs: an extra spec's key has up to 255. */
const LONGEST_SEGMENT = 1024;
/** Milliseconds for a whole request to come in: a large image over a slow line. */
const REQUEST_TIMEOUT = 6 * 60 * 60 * 1000;

/** The HTTP server with every service mounted; not listening yet. */
export async function buildApi(parts: ApiParts): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT,
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    genReqId: () => `req-${randomUUID()}`,
    exposeHeadRoutes: false,
    rewriteUrl,
    routerOptions: { maxParamLength: LONGEST_SEGMENT },
    frameworkErrors: (error, request, reply) => {
      refuse({ service: serviceOf(request.url), parts }, error, { request, reply });
    },
  });
  app.decorateRequest('visit');
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

/** One line a request, for finding faults; with the id that the client gave it, if it did. */
function logRequests(app: FastifyInstance, parts: ApiParts): void {
  app.addHook('onResponse', async (request, reply) => {
    const given = request.headers['x-openstack-request-id'];
    parts.log('debug', `${request.method} ${request.originalUrl}`, {
      requestId: request.id,
      status: reply.statusCode,
      milliseconds: Math.round(reply.elapsedTime),
      ...(typeof given === 'string' && /^req-[0-9a-f-]{36}$/.test(given) ? { globalRequestId: given } : {}),
    });
  });
}
