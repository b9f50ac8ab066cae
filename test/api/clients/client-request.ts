import assert from 'node:assert/strict';
import type { CloudUnderTest } from '../cloud-under-test.ts';

/** A request as a client's source writes it, and what the client reads of the answer. */
export interface ClientRequest {
  /** File and line of the client's source. */
  readonly at: string;
  readonly service: 'compute' | 'network' | 'image';
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `{name}` stands for a value that an earlier answer gave; in a body too. */
  readonly path: string;
  /** Of Compute; absent: the client names none. */
  readonly version?: string;
  readonly body?: object;
  /** What the client accepts. */
  readonly status: number;
  /** Paths that its code reads, as `server.addresses`; a number is a place in a list. */
  readonly needs?: readonly string[];
  /** Values for later requests, by their paths. */
  readonly keeps?: Readonly<Record<string, string>>;
  /** The client asks again until the server has this status. */
  readonly until?: 'ACTIVE' | 'SHUTOFF' | 'gone';
}

/** All requests of one client, in the order in which it makes them. */
export interface ClientTable {
  readonly client: string;
  readonly repository: string;
  /** That the lines of `at` are of. */
  readonly commit: string;
  readonly requests: readonly ClientRequest[];
}

const BASE = { compute: '/compute/v2.1', network: '/networking/v2.0', image: '/image/v2' };

/** Makes the requests of a table. @param known values beside those that answers give */
export async function play(
  cloud: CloudUnderTest,
  { requests }: ClientTable,
  of: { readonly token: string; readonly known: Readonly<Record<string, string>> },
): Promise<void> {
  const values = new Map(Object.entries(of.known));
  const filled = (text: string) => text.replace(/\{(\w+)\}/g, (_all, name) => known(values, name));
  for (const request of requests) {
    const where = `${request.at} ${request.method} ${filled(request.path)}`;
    if (request.until !== undefined) await cloud.atRest(known(values, 'server'));
    const answer = await cloud.ask({
      method: request.method,
      path: `${BASE[request.service]}${filled(request.path)}`,
      token: of.token,
      ...(request.version !== undefined && { version: request.version }),
      ...(request.body !== undefined && { body: JSON.parse(filled(JSON.stringify(request.body))) }),
    });
    assert.equal(answer.status, request.status, `${where}: ${answer.text}`);
    if (request.until !== undefined && request.until !== 'gone')
      assert.equal(answer.body.server.status, request.until, where);
    for (const path of request.needs ?? [])
      assert.notEqual(at(answer.body, path), undefined, `${where}: no ${path} in ${answer.text}`);
    for (const [name, path] of Object.entries(request.keeps ?? {}))
      values.set(name, String(at(answer.body, path)));
  }
}

function known(values: ReadonlyMap<string, string>, name: string): string {
  const value = values.get(name);
  assert.ok(value !== undefined, `no answer gave ${name}`);
  return value;
}

/** `ports.0.id` of a body; undefined where there is nothing. */
function at(body: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], body);
}
