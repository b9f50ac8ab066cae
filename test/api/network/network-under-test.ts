import assert from 'node:assert/strict';
import type { InjectOptions } from 'fastify';
import { type ApiUnderTest, startApi } from '../api-under-test.ts';

/** An answer of the Network API. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers as they come
  readonly body: any;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface Ask {
  readonly token: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The Network API on a real store, with an administrator and members of two projects. */
export interface NetworkUnderTest {
  readonly api: ApiUnderTest;
  readonly admin: string;
  readonly member: { readonly token: string; readonly projectId: string };
  readonly stranger: { readonly token: string; readonly projectId: string };
  readonly reader: { readonly token: string; readonly projectId: string };
  ask(method: Method, path: string, of: Ask): Promise<Answer>;
  /** Creates one as the bearer of the token. @returns it */
  make(token: string, noun: string, fields?: object): Promise<Answer['body']>;
  /** A shared network with one subnet. */
  sharedNetwork(cidr?: string): Promise<{ readonly id: string; readonly subnetId: string }>;
  close(): Promise<void>;
}

export async function startNetworkApi(): Promise<NetworkUnderTest> {
  const api = await startApi();
  const admin = await api.adminToken();
  const ask: NetworkUnderTest['ask'] = async (method, path, { token, body, headers }) => {
    const request: InjectOptions = {
      method,
      url: `/networking/v2.0${path}`,
      headers: { host: 'cloud', ...headers },
      ...(body !== undefined && { payload: body }),
    };
    const answer = await api.ask(token, request);
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };
  const make: NetworkUnderTest['make'] = async (token, noun, fields = {}) => {
    const path = `/${noun.replaceAll('_', '-')}s`;
    const { status, body } = await ask('POST', path, { token, body: { [noun]: fields } });
    assert.equal(status, 201, JSON.stringify(body));
    return body[noun];
  };
  return {
    api,
    admin,
    member: await api.projectWith('member', 'ours'),
    stranger: await api.projectWith('member', 'theirs'),
    reader: await api.projectWith('reader', 'readers'),
    ask,
    make,
    sharedNetwork: async (cidr = '10.7.0.0/24') => {
      const { id } = await make(admin, 'network', { name: 'shared', shared: true });
      const subnet = await make(admin, 'subnet', { network_id: id, ip_version: 4, cidr });
      return { id, subnetId: subnet.id };
    },
    close: () => api.close(),
  };
}

/** The type of a refusal, as `404 PortNotFound`. */
export function refusal({ status, body }: Answer): string {
  return `${status} ${body?.NeutronError?.type}`;
}
