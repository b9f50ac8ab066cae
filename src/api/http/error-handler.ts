import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { asFailure, Failure } from '../../model/failure.ts';
import type { ApiDependencies } from './dependencies.ts';
import { answerTo } from './failures.ts';
import { rootOf } from './request-state.ts';
import type { ServiceName } from './rewritten-url.ts';

/** The value of `Retry-After`. The service checks about thirty passwords in this time. */
const RETRY_AFTER_SECONDS = 1;

/** Sends a failure in the service's format. The operator's text goes only to the log, with the request id. */
export function sendError(
  at: { readonly service: ServiceName; readonly parts: ApiDependencies },
  thrown: unknown,
  to: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): FastifyReply {
  const { request, reply } = to;
  const failure = asFailure(ofHttpLayer(thrown) ?? thrown);
  const accept = request.headers.accept;
  const { status, contentType, body } = answerTo(failure, { service: at.service, accept });
  if (status >= 500 && status !== 501) {
    const { operatorText } = failure;
    at.parts.log('request-failed', {
      method: request.method,
      url: request.url,
      requestId: request.id,
      why: operatorText,
    });
  }
  if (status === 401)
    reply.header('www-authenticate', `Keystone uri="${rootOf(request, at.parts)}/identity/v3"`);
  if (failure.kind === 'too-many-requests') reply.header('retry-after', RETRY_AFTER_SECONDS);
  reply.removeHeader('content-length');
  return reply.code(status).header('content-type', contentType).send(body);
}

/** Maps an error of Fastify to a failure, by its code. */
function ofHttpLayer(thrown: unknown): Failure | undefined {
  const { statusCode, code } = thrown as Partial<FastifyError>;
  if (thrown instanceof Failure || statusCode === undefined || statusCode >= 500) return undefined;
  if (statusCode === 413) return new Failure('too-large', 'Request is too large.');
  if (statusCode === 415) return new Failure('unsupported-media', 'Unsupported Content-Type');
  if (statusCode === 404 || statusCode === 414 || code === 'FST_ERR_BAD_URL')
    return new Failure('not-found', 'The resource could not be found.');
  return new Failure('invalid', 'Malformed request body', { cause: thrown });
}
