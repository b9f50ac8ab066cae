import { Failure, type FailureKind } from '../../model/failure.ts';
import type { ServiceName } from './rewritten-url.ts';

/** The HTTP answer for a failure. */
export interface FailureAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const STATUS: Record<FailureKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  gone: 410,
  'precondition-failed': 412,
  'over-quota': 403,
  'too-many-requests': 429,
  'too-large': 413,
  'unsupported-media': 415,
  'not-acceptable': 406,
  'not-implemented': 501,
  unavailable: 503,
  'out-of-space': 503,
  'timed-out': 504,
  'outcome-unknown': 500,
  internal: 500,
};

/**
 * Statuses of single services that differ. Glance answers a full store and an exceeded quota with 413
 * (glance/api/v2/image_data.py), Neutron an exceeded quota with 409 (neutron/api/v2/faults.py FAULT_MAP).
 */
const STATUS_OF_SERVICE: Partial<Record<ServiceName, Partial<Record<FailureKind, number>>>> = {
  image: { 'out-of-space': 413, 'over-quota': 413 },
  network: { 'over-quota': 409 },
};

/** nova/api/openstack/wsgi.py Fault._fault_names. Any other status is a computeFault. */
const FAULT: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  429: 'overLimit',
  501: 'notImplemented',
  503: 'serviceUnavailable',
};

const TITLE: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

const JSON_TYPE = 'application/json; charset=UTF-8';

/** The HTTP status of a failure in one service. */
export function statusOfFailure(kind: FailureKind, service: ServiceName): number {
  return STATUS_OF_SERVICE[service]?.[kind] ?? STATUS[kind];
}

/** Status and body of a failure. The body never has the operator's text. */
export function answerTo(
  failure: Failure,
  to: { readonly service: ServiceName; readonly accept?: string | undefined },
): FailureAnswer {
  const status = statusOfFailure(failure.kind, to.service);
  if (to.service === 'network' && status !== 401) return neutronError(status, failure);
  return refusal(status, failure.message, to);
}

/** As {@link answerTo}, for refusals of the HTTP layer itself. */
export function refusal(
  status: number,
  message: string,
  to: { readonly service: ServiceName; readonly accept?: string | undefined },
): FailureAnswer {
  const title = TITLE[status] ?? 'Error';
  if (to.service === 'network' && status !== 401) return neutronError(status, { message });
  if (to.service === 'image') return textualRefusal({ status, title, message, accept: to.accept ?? '' });
  if (to.service === 'identity' || status === 401)
    return asJson(status, { error: { code: status, message, title } });
  return asJson(status, { [FAULT[status] ?? 'computeFault']: { code: status, message } });
}

/**
 * Neutron names each error by its exception's class (neutron/api/api_common.py
 * convert_exception_to_http_exc). A failure without a name has webob's for its status, as `HTTPNotFound`.
 */
function neutronError(
  status: number,
  failure: { readonly message: string; readonly type?: string | undefined },
): FailureAnswer {
  const type = failure.type ?? `HTTP${(TITLE[status] ?? 'Error').replaceAll(/[ -]/g, '')}`;
  return asJson(status, { NeutronError: { type, message: failure.message, detail: '' } });
}

function asJson(status: number, body: object): FailureAnswer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(body) };
}

/**
 * Glance answers, as webob, with HTML or plain text, never with JSON. Nameplate answers HTML unless the
 * client asks for plain text: the SDK sends an empty Accept header with patches, and shows its user only the
 * text of an HTML answer.
 */
function textualRefusal(of: {
  status: number;
  title: string;
  message: string;
  accept: string;
}): FailureAnswer {
  const { status, title, message, accept } = of;
  if (accept.includes('text/plain') && !accept.includes('html'))
    return {
      status,
      contentType: 'text/plain; charset=UTF-8',
      body: `${status} ${title}\n\n${message}\n\n   `,
    };
  const body = `<html>
 <head>
  <title>${status} ${title}</title>
 </head>
 <body>
  <h1>${status} ${title}</h1>
  ${escaped(message)}<br /><br />



 </body>
</html>`;
  return { status, contentType: 'text/html; charset=UTF-8', body };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The failure for a resource that is in the API reference and that Nameplate does not have. */
export function notImplemented(what: string): Failure {
  return new Failure('not-implemented', `${what} is not implemented.`);
}
