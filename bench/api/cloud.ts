/** Who logs in where. */
export interface Login {
  readonly authUrl: string;
  readonly username: string;
  readonly password: string;
  readonly project: string;
  readonly userDomain: string;
  readonly projectDomain: string;
  /** What to boot, by name; without it the first that the cloud lists. */
  readonly flavor?: string | undefined;
  readonly image?: string | undefined;
}

/**
 * A login from the environment, as OpenStack's clients read it; `OS_BENCH_FLAVOR` and `OS_BENCH_IMAGE` name
 * what to boot there.
 */
export function loginFromEnvironment(authUrl: string): Login {
  const word = (name: string, otherwise?: string): string => {
    const value = process.env[name] ?? otherwise;
    if (value === undefined) throw new Error(`${name} must be set for --against`);
    return value;
  };
  return {
    authUrl,
    username: word('OS_USERNAME', 'admin'),
    password: word('OS_PASSWORD'),
    project: word('OS_PROJECT_NAME', 'admin'),
    userDomain: word('OS_USER_DOMAIN_NAME', 'Default'),
    projectDomain: word('OS_PROJECT_DOMAIN_NAME', 'Default'),
    flavor: process.env.OS_BENCH_FLAVOR,
    image: process.env.OS_BENCH_IMAGE,
  };
}

/**
 * The microversion that every measured request asks for: the newest that the peer that was measured (Nova 26)
 * has in common.
 */
export const VERSION = '2.90';

/** A cloud as a client sees it: one token, the Compute endpoint, a flavor and an image to boot. */
export interface Cloud {
  readonly authUrl: string;
  readonly tokenBody: string;
  /** No slash at the end. */
  readonly compute: string;
  /** No slash at the end, `/v2` included. */
  readonly images: string;
  /** No slash at the end, `/v2.0` included; undefined for a cloud without the service. */
  readonly network: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly flavor: string;
  readonly image: string;
  ask<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** As {@link ask}, of the Image service. */
  askImages<T>(method: string, path: string, body?: unknown): Promise<T>;
}

interface Catalog {
  readonly type: string;
  readonly endpoints: readonly { readonly interface: string; readonly url: string }[];
}

/** Logs in and finds what the login says to boot. */
export async function connectTo(login: Login): Promise<Cloud> {
  const tokenBody = JSON.stringify(authentication(login));
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${login.authUrl}/auth/tokens`, { method: 'POST', headers, body: tokenBody });
  if (answer.status !== 201)
    throw new Error(`no token from ${login.authUrl}: ${answer.status} ${await answer.text()}`);
  const token = answer.headers.get('x-subject-token') ?? '';
  const { catalog } = ((await answer.json()) as { token: { catalog: Catalog[] } }).token;
  const compute = endpointOf(catalog, 'compute');
  const asking = {
    'X-Auth-Token': token,
    'X-OpenStack-Nova-API-Version': VERSION,
    'OpenStack-API-Version': `compute ${VERSION}`,
  };
  const ask = async <T>(method: string, url: string, body?: unknown): Promise<T> => {
    const got = await fetch(url, {
      method,
      headers: { ...asking, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await got.text();
    if (got.status >= 400) throw new Error(`${method} ${url}: ${got.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  const { flavors } = await ask<{ flavors: Named[] }>('GET', `${compute}/flavors`);
  const imagesUrl = `${endpointOf(catalog, 'image').replace(/\/v2$/, '')}/v2`;
  const { images } = await ask<{ images: Named[] }>('GET', `${imagesUrl}/images?status=active`);
  return {
    authUrl: login.authUrl,
    tokenBody,
    compute,
    images: imagesUrl,
    network: networkUrl(catalog),
    headers: asking,
    flavor: pick(flavors, 'flavor', login.flavor).id,
    image: pick(images, 'image', login.image).id,
    ask: (method, path, body) => ask(method, `${compute}${path}`, body),
    askImages: (method, path, body) => ask(method, `${imagesUrl}${path}`, body),
  };
}

interface Named {
  readonly id: string;
  readonly name: string;
}

function pick(things: readonly Named[], noun: string, name: string | undefined): Named {
  const found = name === undefined ? things[0] : things.find((thing) => thing.name === name);
  if (found === undefined)
    throw new Error(`the cloud has no ${noun}${name === undefined ? '' : ` ${name}`} to boot`);
  return found;
}

function networkUrl(catalog: readonly Catalog[]): string | undefined {
  if (!catalog.some(({ type }) => type === 'network')) return undefined;
  return `${endpointOf(catalog, 'network').replace(/\/v2.0$/, '')}/v2.0`;
}

function endpointOf(catalog: readonly Catalog[], type: string): string {
  const found = catalog
    .find((service) => service.type === type)
    ?.endpoints.find((one) => one.interface === 'public');
  if (found === undefined) throw new Error(`the catalog has no public ${type} endpoint`);
  return found.url.replace(/\/+$/, '');
}

function authentication(login: Login): object {
  const { username, password, project, userDomain, projectDomain } = login;
  const user = { name: username, domain: { name: userDomain }, password };
  return {
    auth: {
      identity: { methods: ['password'], password: { user } },
      scope: { project: { name: project, domain: { name: projectDomain } } },
    },
  };
}
