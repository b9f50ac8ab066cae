/** The services that share the listener. */
export type ServiceName = 'compute' | 'identity' | 'image' | 'nameplate';

/** How a client reached a service: read off the URL before routing. */
export interface Reach {
  /** The path to route by, query included: one form for all the ways to write it. */
  readonly route: string;
  /** What links begin with after scheme and host, e.g. `/compute/v2.1`. */
  readonly prefix: string;
  /** The project that the URL names, as `/compute/v2.1/{project_id}/…` does. */
  readonly projectId: string | null;
  /** `/compute/v2`: the 2.1 API with unknown body keys left out (Nova's legacy_v2 middleware). */
  readonly legacy: boolean;
}

const COMPUTE = /^\/compute\/v2(\.1)?(?:\/([0-9a-f]{32}))?(?=[/?]|$)/;
const ROOT_IDENTITY = /^\/(?:v3(?=[/?]|$)|(?=\?|$))/;

/** Reads a URL: the Identity API answers at the host's root too, the Compute API with and without a project id. */
export function reachOf(url: string): Reach {
  const compute = COMPUTE.exec(url);
  if (compute !== null) {
    const [prefix, dotOne, projectId] = compute;
    const legacy = dotOne === undefined;
    const route = legacy || projectId !== undefined ? `/compute/v2.1${url.slice(prefix.length)}` : url;
    return { route, prefix, projectId: projectId ?? null, legacy };
  }
  if (ROOT_IDENTITY.test(url))
    return { route: `/identity${url}`, prefix: '', projectId: null, legacy: false };
  const end = url.slice(1).search(/[/?]|$/) + 1;
  return { route: url, prefix: url.slice(0, end), projectId: null, legacy: false };
}

/** The service that a path belongs to, by its first segment; a path of none is a Compute one, as errors go. */
export function serviceOf(route: string): ServiceName {
  const word = /^\/(identity|image|nameplate)(?=[/?]|$)/.exec(route)?.[1];
  return (word as ServiceName | undefined) ?? 'compute';
}
