import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../../model/failure.ts';
import { jsonParser } from './json-text.ts';

/** What a route takes as its body: JSON unless it says otherwise. */
export type BodyKind = 'json' | 'image patch' | 'image data';

/** The content types of each kind: Nova's and Keystone's, Glance's patches, Glance's data. */
export const CONTENT_TYPES: Readonly<Record<BodyKind, readonly string[]>> = {
  json: ['application/json', 'application/vnd.openstack.compute+json'],
  'image patch': [
    'application/openstack-images-v2.1-json-patch',
    'application/openstack-images-v2.0-json-patch',
  ],
  'image data': ['application/octet-stream'],
};

/**
 * Reads bodies: JSON and patches as JSON, image data as a stream that is handed on. Which route takes which
 * is for {@link requireBodyKind}, which runs before.
 */
export function parseBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const streamed = CONTENT_TYPES['image data'];
  app.addContentTypeParser([...streamed], (_request, payload, done) => done(null, payload));
  app.addContentTypeParser('*', { parseAs: 'buffer' }, jsonParser(app));
}

/** Where there is no service nothing is read of a body. */
export function leaveBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
}

/**
 * Refuses a body of another content type than the route takes, before any of it is read. JSON needs no
 * Content-Type.
 * @throws {Failure} `unsupported-media`
 */
export function requireBodyKind(request: FastifyRequest, kind: BodyKind): void {
  if (!hasBody(request)) return;
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === '' && kind === 'json') return;
  const accepted = CONTENT_TYPES[kind];
  if (!accepted.includes(type))
    throw new Failure('unsupported-media', `Unsupported Content-Type; accepted is ${accepted[0]}.`);
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

const TIMEOUT_ANSWER = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

const timers = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/** Ends the connection when the request has not come in whole after some time, unless that is lifted. */
export function limitBodyTime(request: FastifyRequest, reply: FastifyReply, milliseconds: number): void {
  const { raw } = request;
  if (!hasBody(request) || raw.complete) return;
  const timer = setTimeout(() => {
    if (reply.raw.headersSent) raw.destroy();
    else raw.socket.write(TIMEOUT_ANSWER, () => raw.destroy());
  }, milliseconds).unref();
  timers.set(raw, timer);
  const end = () => clearTimeout(timer);
  raw.once('end', end).once('close', end);
}

/** For image data, whose sender is known and may take hours as long as it sends anything. */
export function liftBodyTime({ raw }: FastifyRequest): void {
  clearTimeout(timers.get(raw));
}
