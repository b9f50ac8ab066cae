import { homedir } from 'node:os';
import { UriError } from './errors.ts';

/** Where a daemon listens. */
export type Endpoint =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** What a connection URI says. */
export interface Target {
  /** The URI as it was given. */
  readonly uri: string;
  /** The name that the daemon opens, such as `qemu:///system`: the URI without its transport. */
  readonly name: string;
  /** Places to try, in this order. */
  readonly endpoints: readonly Endpoint[];
}

/** libvirtd's port for unencrypted connections. */
export const tcpPort = 16509;

const drivers = ['qemu', 'test'];
const forms =
  'qemu:///system, qemu:///session, test:///default, qemu+unix:///system?socket=/path, ' +
  'qemu+tcp://host[:port]/system (and test with the same transports)';

/**
 * Reads a libvirt connection URI (https://libvirt.org/uri.html). Parameters: `socket` (unix), `name`.
 * A URI without a host is always served by a daemon here, `test:///default` too.
 *
 * @throws UriError on anything that this client cannot follow.
 *
 * @example
 * ```ts
 * import { parseUri } from 'libvirt-rpc';
 *
 * const { name, endpoints } = parseUri('qemu+tcp://kvm1.example/system');
 * console.log(name); // qemu:///system
 * console.log(endpoints[0]); // { kind: 'tcp', host: 'kvm1.example', port: 16509 }
 * ```
 */
export function parseUri(uri: string, environment: NodeJS.ProcessEnv = process.env): Target {
  const parts = /^([a-z]+)(?:\+([a-z0-9]+))?:\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/.exec(uri);
  if (parts === null) throw new UriError(`'${uri}' is not a connection URI; accepted: ${forms}`);
  const [, driver = '', transport, authority = '', path = '/', query = ''] = parts;
  if (!drivers.includes(driver))
    throw new UriError(`'${uri}' names the driver '${driver}'; accepted: ${drivers.join(', ')}`);
  if (driver === 'qemu' && path !== '/system' && path !== '/session')
    throw new UriError(`'${uri}' has the path '${path}'; accepted: /system, /session`);
  // A test file's guests would be others on every connection; only the default ones are the daemon's.
  if (driver === 'test' && path !== '/default')
    throw new UriError(`'${uri}' has the path '${path}'; accepted: /default`);
  const parameters = readParameters(uri, query);
  const name = parameters.get('name') ?? `${driver}://${path}`;
  const endpoints =
    transport === 'tcp'
      ? [tcpEndpoint(uri, authority, parameters)]
      : unixEndpoints({ uri, driver, path, transport, authority, parameters, environment });
  return { uri, name, endpoints };
}

function readParameters(uri: string, query: string): URLSearchParams {
  const parameters = new URLSearchParams(query);
  for (const key of parameters.keys())
    if (key !== 'socket' && key !== 'name')
      throw new UriError(`'${uri}' has the parameter '${key}'; accepted: socket, name`);
  return parameters;
}

function tcpEndpoint(uri: string, authority: string, parameters: URLSearchParams): Endpoint {
  if (parameters.has('socket')) throw new UriError(`'${uri}' has the parameter 'socket', which is for +unix`);
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(authority);
  const port = Number(parts?.[3] ?? tcpPort);
  if (parts === null || port < 1 || port > 65535)
    throw new UriError(`'${uri}' has the host '${authority}'; accepted: name, address or [IPv6], and :port`);
  return { kind: 'tcp', host: parts[1] ?? parts[2] ?? '', port };
}

interface LocalUri {
  readonly uri: string;
  readonly driver: string;
  readonly path: string;
  readonly transport: string | undefined;
  readonly authority: string;
  readonly parameters: URLSearchParams;
  readonly environment: NodeJS.ProcessEnv;
}

function unixEndpoints(given: LocalUri): readonly Endpoint[] {
  const { uri, driver, path, transport, authority, parameters, environment } = given;
  if (transport !== undefined && transport !== 'unix')
    throw new UriError(`'${uri}' names the transport '${transport}'; accepted: unix, tcp, or none`);
  if (authority !== '')
    throw new UriError(
      `'${uri}' names the host '${authority}' without a transport for it; accepted: ${driver}+tcp`,
    );
  const socket = parameters.get('socket');
  if (socket?.startsWith('/') === false || socket === '')
    throw new UriError(`'${uri}' has the socket '${socket}'; accepted: an absolute path`);
  if (socket !== null) return [{ kind: 'unix', path: socket }];
  const folder = path === '/session' ? sessionFolder(environment) : '/run/libvirt';
  // The one daemon of all drivers, or the driver's own (https://libvirt.org/daemons.html).
  const files = driver === 'qemu' ? ['libvirt-sock', 'virtqemud-sock'] : ['libvirt-sock'];
  return files.map((file) => ({ kind: 'unix', path: `${folder}/${file}` }));
}

function sessionFolder(environment: NodeJS.ProcessEnv): string {
  const runtime = environment.XDG_RUNTIME_DIR;
  if (runtime) return `${runtime}/libvirt`;
  return `${environment.XDG_CACHE_HOME || `${environment.HOME || homedir()}/.cache`}/libvirt`;
}
