/** The services that share the listener. */
export type ServiceName = 'compute' | 'identity' | 'image' | 'network' | 'nameplate';

/** How a client reached a service: read off the URL before routing. */
export interface RewrittenUrl {
  /** The path to route by, query included: one form for all the ways to write it. */
  readonly route: string;
  /** What links begin with after scheme and host, e.g. `/compute/v2.1`. */
  readonly prefix: string;
  /** The project that the URL names, as `/compute/v2.1/{project_id}/…` does. */
  readonly projectId: string | null;
  /** `/compute/v2`: the 2.1 API with unknown body keys left out (Nova's legacy_v2 middleware). */
  readonly legacy: boolean;
  /**
   * The URL cannot be read: `route` is then the root of the service that its beginning names, for the
   * refusal.
   */
  readonly malformed?: true;
}

const COMPUTE = /^\/compute\/v2(\.1)?(?:\/([0-9a-f]{32}))?(?=[/?]|$)/;
const ROOT_IDENTITY = /^\/(?:v3(?=[/?]|$)|(?=\?|$))/;

const IDENTITY = /^\/identity(?=[/?])/;
const NETWORK = /^\/networking(?=[/?]|$)/;
const SLASH_AT_END = /\/(?=\?|$)/;
const READABLE = /^[^%]*/;

const ROOTS: Readonly<Record<ServiceName, string>> = {
  compute: '/compute',
  identity: '/identity',
  image: '/image',
  network: '/networking',
  nameplate: '/nameplate/v1',
};

/**
 * Reads a URL in its normal form: the Identity API answers at the host's root too, and with a slash at the
 * end or none (keystone/server/flask/request_processing); the Compute API with and without a project id; the
 * Network API with a slash at the end or none.
 */
export function rewrittenUrlOf(url: string): RewrittenUrl {
  const compute = COMPUTE.exec(url);
  if (compute !== null) {
    const [prefix, dotOne, projectId] = compute;
    const legacy = dotOne === undefined;
    const route = legacy || projectId !== undefined ? `/compute/v2.1${url.slice(prefix.length)}` : url;
    return { route, prefix, projectId: projectId ?? null, legacy };
  }
  const isAtRoot = ROOT_IDENTITY.test(url);
  if (isAtRoot || IDENTITY.test(url)) {
    const route = (isAtRoot ? `/identity${url}` : url).replace(SLASH_AT_END, '');
    return { route, prefix: isAtRoot ? '' : '/identity', projectId: null, legacy: false };
  }
  if (NETWORK.test(url)) {
    const route = url.replace(SLASH_AT_END, '');
    return { route, prefix: ROOTS.network, projectId: null, legacy: false };
  }
  const end = url.slice(1).search(/[/?]|$/) + 1;
  return { route: url, prefix: url.slice(0, end), projectId: null, legacy: false };
}

/** How a client reached a service with a URL that has no normal form. */
export function malformedUrl(raw: string): RewrittenUrl {
  const service = serviceOf(rewrittenUrlOf(READABLE.exec(raw)?.[0] ?? '/').route);
  return { route: ROOTS[service], prefix: ROOTS[service], projectId: null, legacy: false, malformed: true };
}

/**
 * The service that a path belongs to, by its first segment; a path of none is a Compute one, as errors go.
 */
export function serviceOf(route: string): ServiceName {
  const word = /^\/(identity|image|networking|nameplate)(?=[/?]|$)/.exec(route)?.[1];
  if (word === 'networking') return 'network';
  return (word as ServiceName | undefined) ?? 'compute';
}
