import { Failure } from '../../model/failure.ts';

/** Requests to the services of a cloud, with the token of a project. */
export interface CloudClient {
  /** @throws {Failure} with the service's own sentence where it refuses */
  // biome-ignore lint/suspicious/noExplicitAny: answers of the service's own API
  request(method: string, path: string, body?: object | ReadableStream): Promise<any>;
}

const WANTED = ['OS_AUTH_URL', 'OS_USERNAME', 'OS_PASSWORD', 'OS_PROJECT_NAME'] as const;

/**
 * Logs in with the variables that `openstack` takes (`OS_AUTH_URL` and others), and sends requests to the
 * service that is there.
 * @throws {Failure} `invalid` when a variable is missing; otherwise as the service answers
 */
export async function cloudClient(env: Readonly<Record<string, string | undefined>>): Promise<CloudClient> {
  const missing = WANTED.filter((name) => !env[name]);
  if (missing.length > 0)
    throw new Failure(
      'invalid',
      `${missing.join(', ')} must be set in the environment, as for openstack (clouds.yaml is not read)`,
    );
  const auth = new URL(env.OS_AUTH_URL as string);
  const base = `${auth.origin}${auth.pathname.replace(/\/identity(\/v3)?\/?$/, '').replace(/\/$/, '')}`;
  const domain = (of: 'USER' | 'PROJECT') =>
    env[`OS_${of}_DOMAIN_NAME`]
      ? { name: env[`OS_${of}_DOMAIN_NAME`] }
      : { id: env[`OS_${of}_DOMAIN_ID`] ?? 'default' };
  const user = { name: env.OS_USERNAME, domain: domain('USER'), password: env.OS_PASSWORD };
  const scope = { project: { name: env.OS_PROJECT_NAME, domain: domain('PROJECT') } };
  const body = { auth: { identity: { methods: ['password'], password: { user } }, scope } };
  const login = await send(`${base}/identity/v3/auth/tokens`, { method: 'POST', body });
  const token = login.headers.get('x-subject-token') ?? '';
  return {
    async request(method, path, body) {
      const answer = await send(`${base}${path}`, { method, body, token });
      const text = await answer.text();
      return text === '' ? undefined : JSON.parse(text);
    },
  };
}

async function send(
  url: string,
  { method, body, token }: { method: string; body?: object | ReadableStream | undefined; token?: string },
): Promise<Response> {
  const isData = body instanceof ReadableStream;
  const type = isData ? 'application/octet-stream' : 'application/json';
  const answer = await fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { 'x-auth-token': token, 'openstack-api-version': 'compute 2.90' }),
      ...(body !== undefined && { 'content-type': type }),
    },
    ...(body !== undefined && { body: isData ? body : JSON.stringify(body), duplex: 'half' }),
  } as RequestInit).catch((error: unknown) => {
    throw new Failure('unavailable', `${url} does not answer`, { cause: error });
  });
  if (answer.ok) return answer;
  const kind = answer.status === 409 ? 'conflict' : answer.status < 500 ? 'invalid' : 'unavailable';
  throw new Failure(kind, sentenceIn(await answer.text(), answer.status));
}

/** The sentence in an error of any OpenStack service. */
function sentenceIn(text: string, status: number): string {
  try {
    const [error] = Object.values(JSON.parse(text) as Record<string, { message?: string }>);
    if (error?.message !== undefined) return error.message;
  } catch {
    // the image service answers errors as HTML
  }
  return `the service answered ${status}: ${text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 500)}`;
}
