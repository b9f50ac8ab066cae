/** The services on the one listener. */
export type ServiceName = 'compute' | 'identity' | 'image' | 'network' | 'nameplate';

/** The parts of a client's URL, parsed before routing. */
export interface RewrittenUrl {
  /** The path for routing, with the query. All spellings of a URL have the same one. */
  readonly route: string;
  /** The beginning of links after scheme and host, e.g. `/compute/v2.1`. */
  readonly prefix: string;
  /** The project that the URL names, as `/compute/v2.1/{project_id}/…` does. */
  readonly projectId: string | null;
  /** `/compute/v2`: the 2.1 API that ignores unknown body keys (Nova's legacy_v2 middleware). */
  readonly legacy: boolean;
  /**
   * The URL is malformed. `route` is then the root of the service that the URL begins with, so that this
   * service refuses it.
   */
  readonly malformed?: true;
}

const COMPUTE = /^\/compute\/v2(\.1)?(?:\/([0-9a-f]{32}))?(?=[/?]|$)/;
const ROOT_IDENTITY = /^\/(?:v3(?=[/?]|$)|(?=\?|$))/;

const IDENTITY = /^\/identity(?=[/?])/;
const NETWORK = /^\/networking(?=[/?]|$)/;
const SLASH_AT_END = /\/(?=\?|$)/;
/** What older clients of Neutron end a path with (pecan's guess_content_type_from_ext); a tag may end so. */
const FORMAT_AT_END = /(?<!\/tags\/[^/?]*)\.json(?=\?|$)/;
const READABLE = /^[^%]*/;

const ROOTS: Readonly<Record<ServiceName, string>> = {
  compute: '/compute',
  identity: '/identity',
  image: '/image',
  network: '/networking',
  nameplate: '/nameplate/v1',
};

/**
 * Parses a normalized URL. The Identity API also answers at the host's root, and with a slash at the end
 * (keystone/server/flask/request_processing). The Compute API answers with and without a project id, the
 * Network API with and without a slash or `.json` at the end.
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
    const route = url.replace(SLASH_AT_END, '').replace(FORMAT_AT_END, '');
    return { route, prefix: ROOTS.network, projectId: null, legacy: false };
  }
  const end = url.slice(1).search(/[/?]|$/) + 1;
  return { route: url, prefix: url.slice(0, end), projectId: null, legacy: false };
}

/** Parses a URL that cannot be normalized. */
export function malformedUrl(raw: string): RewrittenUrl {
  const service = serviceOf(rewrittenUrlOf(READABLE.exec(raw)?.[0] ?? '/').route);
  return { route: ROOTS[service], prefix: ROOTS[service], projectId: null, legacy: false, malformed: true };
}

/** The service of a path, by its first segment. Errors of other paths have the format of Compute. */
export function serviceOf(route: string): ServiceName {
  const word = /^\/(identity|image|networking|nameplate)(?=[/?]|$)/.exec(route)?.[1];
  if (word === 'networking') return 'network';
  return (word as ServiceName | undefined) ?? 'compute';
}
