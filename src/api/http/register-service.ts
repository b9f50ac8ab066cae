import type { FastifyInstance, HTTPMethods } from 'fastify';
import { Failure } from '../../model/failure.ts';
import { parseBodies } from './bodies.ts';
import type { ApiDependencies } from './dependencies.ts';
import { sendError } from './error-handler.ts';
import { refusal } from './failures.ts';
import { handleRequest, receive } from './handle-request.ts';
import { tablesOf } from './route-table.ts';
import type { Service } from './service.ts';

const METHODS: readonly HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Registers a service with its own body parsers, error format and routes, isolated from other services. */
export function registerService(app: FastifyInstance, service: Service, parts: ApiDependencies): void {
  const at = { service: service.name, parts };
  app.register(
    async (own) => {
      parseBodies(own);
      own.setErrorHandler((error, request, reply) => sendError(at, error, { request, reply }));
      own.setNotFoundHandler(() => {
        throw new Failure('not-found', 'The resource could not be found.');
      });
      own.addHook('onRequest', (request, reply) => receive({ service, parts }, request, reply));
      registerRoutes(own, service, parts);
    },
    { prefix: service.prefix },
  );
}

function registerRoutes(own: FastifyInstance, service: Service, parts: ApiDependencies): void {
  const tables = tablesOf(service.routes, service.describeBadInput);
  const methodsOf = Map.groupBy(tables, ({ path }) => path);
  // A HEAD route must be registered before the GET route, which would otherwise add its own HEAD route.
  for (const table of tables.toSorted((a, b) => Number(b.method === 'HEAD') - Number(a.method === 'HEAD'))) {
    const hasHead = methodsOf.get(table.path)?.some(({ method }) => method === 'HEAD');
    own.route({
      method: table.method,
      url: table.path,
      exposeHeadRoute: table.method === 'GET' && hasHead !== true && service.unknownMethod === 405,
      config: { table },
      bodyLimit: table.maxBody ?? parts.config.oslo_middleware.max_request_body_size,
      handler: (request, reply) => handleRequest({ service, parts }, request, reply),
    });
  }
  if (service.unknownMethod === 405)
    for (const [path, known] of methodsOf)
      refuseOtherMethods(
        { own, path, service },
        known.map(({ method }) => method),
      );
}

function refuseOtherMethods(
  at: { own: FastifyInstance; path: string; service: Service },
  known: readonly HTTPMethods[],
): void {
  const method = METHODS.filter((name) => !known.includes(name));
  if (method.length === 0) return;
  const allow = known.join(', ');
  at.own.route({
    method,
    url: at.path,
    handler: (request, reply) => {
      const accept = request.headers.accept;
      const message = 'The method is not allowed for the requested URL.';
      const { status, contentType, body } = refusal(405, message, { service: at.service.name, accept });
      return reply.code(status).header('allow', allow).header('content-type', contentType).send(body);
    },
  });
}
