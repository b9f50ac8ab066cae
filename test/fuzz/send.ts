import { type Agent, request as httpRequest } from 'node:http';
import { Reference } from './from-schema.ts';
import type { FuzzedCloud } from './fuzzed-cloud.ts';
import { type RandomRequest, RawText } from './random-request.ts';
import type { JudgedAnswer } from './verdict.ts';

/** A request with the cloud's ids in it, as it goes over the wire. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Puts ids of the cloud in place of references. Administrators' requests name spare things only. */
export function filledIn(random: RandomRequest, fuzzed: FuzzedCloud): SentRequest {
  const pools = random.token === 'admin' ? fuzzed.spare : fuzzed.everything;
  const idOf = ({ noun, pick }: Reference): string => {
    const ids = pools[noun] ?? [];
    return ids[pick % ids.length] ?? 'none';
  };
  const path = random.path
    .map((part) => (part instanceof Reference ? encodeURIComponent(idOf(part)) : part))
    .join('');
  const query = random.query
    .map(
      ([name, value]) =>
        `${encodeURIComponent(name)}=${encodeURIComponent(textOf(value instanceof Reference ? idOf(value) : value))}`,
    )
    .join('&');
  const token = fuzzed.tokens[random.token];
  return {
    method: random.method,
    path: `${path}${query === '' ? '' : `?${query}`}`.slice(0, 15_000),
    headers: {
      ...(token === undefined ? {} : { 'x-auth-token': token }),
      ...(random.version === undefined ? {} : { 'openstack-api-version': `compute ${random.version}` }),
      ...(random.contentType === undefined ? {} : { 'content-type': random.contentType }),
    },
    body: bodyText(random.body, idOf),
  };
}

function textOf(value: unknown): string {
  return String(value).toWellFormed();
}

function bodyText(body: unknown, idOf: (reference: Reference) => string): string | undefined {
  if (body === undefined || typeof body === 'string') return body;
  if (body instanceof RawText) return body.text;
  return JSON.stringify(body, (_, value: unknown) => (value instanceof Reference ? idOf(value) : value));
}

/** @throws what the connection says, e.g. when the service is gone */
export function send(url: string, sent: SentRequest, agent: Agent): Promise<JudgedAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<JudgedAnswer>();
  const { hostname, port } = new URL(url);
  const length = sent.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(sent.body)) };
  const { method, path } = sent;
  const outgoing = httpRequest({
    agent,
    hostname,
    port,
    method,
    path,
    headers: { ...sent.headers, ...length },
  });
  outgoing.on('error', reject);
  outgoing.on('response', (answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('error', reject);
    answer.on('end', () =>
      resolve({
        status: answer.statusCode ?? 0,
        contentType: answer.headers['content-type'] ?? '',
        headers: JSON.stringify(answer.headers),
        text: Buffer.concat(chunks).toString(),
      }),
    );
  });
  outgoing.end(sent.body);
  return promise;
}
