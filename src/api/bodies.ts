import type { FastifyInstance } from 'fastify';
import { Failure } from '../model/failure.ts';
import { jsonParser } from './json-text.ts';

/** What Nova and Keystone take for JSON. */
const JSON_TYPES = ['application/json', 'application/vnd.openstack.compute+json'];

/** Reads bodies as JSON, also without a Content-Type; any other type is refused. */
export function parseJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const read = jsonParser(app);
  app.addContentTypeParser(JSON_TYPES, { parseAs: 'buffer' }, read);
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    if (request.headers['content-type'] === undefined || bytes.length === 0)
      return read(request, bytes, done);
    return done(new Failure('unsupported-media', 'Unsupported Content-Type'));
  });
}
