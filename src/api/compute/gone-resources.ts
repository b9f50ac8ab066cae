import { Failure } from '../../model/failure.ts';
import { Type } from '../../model/schema.ts';
import { type Route, route } from '../http/route.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/**
 * What Nova had for nova-network, cells v1 and other parts that are gone. It answers them with 410: the
 * modules of its Compute API raise HTTPGone.
 */
const GONE: Readonly<Record<string, readonly Method[]>> = {
  '/os-fixed-ips/:id': ['GET'],
  '/os-fixed-ips/:id/action': ['POST'],
  '/os-networks': ['POST'],
  '/os-networks/add': ['POST'],
  '/os-networks/:id': ['DELETE'],
  '/os-networks/:id/action': ['POST'],
  '/os-tenant-networks': ['POST'],
  '/os-tenant-networks/:id': ['DELETE'],
  '/os-fping': ['GET'],
  '/os-fping/:id': ['GET'],
  '/os-floating-ip-dns': ['GET'],
  '/os-floating-ip-dns/:id': ['PUT', 'DELETE'],
  '/os-floating-ip-dns/:id/entries/:entry': ['GET', 'PUT', 'DELETE'],
  '/os-floating-ips-bulk': ['GET', 'POST'],
  '/os-floating-ips-bulk/:id': ['GET', 'PUT'],
  '/os-security-group-default-rules': ['GET', 'POST'],
  '/os-security-group-default-rules/:id': ['GET', 'DELETE'],
  '/servers/:server_id/os-virtual-interfaces': ['GET'],
  '/servers/:server_id/consoles': ['GET', 'POST'],
  '/servers/:server_id/consoles/:id': ['GET', 'DELETE'],
  '/os-agents': ['GET', 'POST'],
  '/os-agents/:id': ['PUT', 'DELETE'],
  '/os-cells': ['GET', 'POST'],
  '/os-cells/:id': ['GET', 'PUT', 'DELETE'],
  '/os-certificates': ['POST'],
  '/os-certificates/:id': ['GET'],
  '/os-cloudpipe': ['GET', 'POST'],
  '/os-cloudpipe/configure-project': ['PUT'],
};

/** Their routes: always 410. */
export const goneRoutes: readonly Route[] = Object.entries(GONE).flatMap(([path, methods]) =>
  methods.map((method) => goneRoute(method, path)),
);

function goneRoute(method: Method, path: string): Route {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => [name, Type.String()]);
  const [word] = path.match(/os-[\w-]+|consoles/) ?? [path];
  return route({
    method,
    path,
    access: 'reader',
    policy: `os_compute_api:${word}`,
    summary: `Gone from Compute, always 410: ${word}`,
    schemas: names.length === 0 ? {} : { params: Type.Object(Object.fromEntries(names)) },
    status: 410,
    async handle() {
      throw new Failure('gone', 'The resource is no longer available at this server.');
    },
  });
}
