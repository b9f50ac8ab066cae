import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../../model/failure.ts';
import { jsonParser } from './json-text.ts';

/** The kind of body that a route accepts; by default JSON. */
export type BodyKind = 'json' | 'image patch' | 'image data';

/** The content types of each kind: those of Nova and Keystone, Glance's patches, Glance's data. */
export const CONTENT_TYPES: Readonly<Record<BodyKind, readonly string[]>> = {
  json: ['application/json', 'application/vnd.openstack.compute+json'],
  'image patch': [
    'application/openstack-images-v2.1-json-patch',
    'application/openstack-images-v2.0-json-patch',
  ],
  'image data': ['application/octet-stream'],
};

/**
 * Installs the body parsers. Image data becomes a stream. {@link requireBodyKind}, which runs before,
 * decides which route accepts which kind.
 */
export function parseBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const streamed = CONTENT_TYPES['image data'];
  app.addContentTypeParser([...streamed], (_request, payload, done) => done(null, payload));
  app.addContentTypeParser('*', { parseAs: 'buffer' }, jsonParser(app));
}

/** Reads no bodies. For paths that belong to no service. */
export function leaveBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
}

/**
 * Refuses a body with a content type that the route does not accept, before it is read. JSON needs no
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

/** Closes the connection if the body has not arrived completely within a time limit. */
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

/** Lifts the time limit for image data: an authenticated sender may take hours while it keeps sending. */
export function liftBodyTime({ raw }: FastifyRequest): void {
  clearTimeout(timers.get(raw));
}
