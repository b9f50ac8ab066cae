import type { FastifyInstance } from 'fastify';
import { Failure } from '../model/failure.ts';

/** What Nova and Keystone take for JSON. */
const JSON_TYPES = ['application/json', 'application/vnd.openstack.compute+json'];

/**
 * Reads bodies as JSON. An empty one is no body: clients send `Content-Type: application/json` on requests without.
 * Without a Content-Type it is JSON all the same; any other type is refused.
 */
export function parseJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  const read: typeof parse = (request, text, done) => {
    if (text.length === 0) return done(null, undefined);
    return parse(request, text, (error, body) =>
      error === null ? done(null, body) : done(new Failure('invalid', 'Malformed request body')),
    );
  };
  app.addContentTypeParser(JSON_TYPES, { parseAs: 'string' }, read);
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, text: string, done) => {
    if (request.headers['content-type'] === undefined || text.length === 0) return read(request, text, done);
    return done(new Failure('unsupported-media', 'Unsupported Content-Type'));
  });
}
