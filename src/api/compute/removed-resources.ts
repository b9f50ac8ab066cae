import { Failure } from '../../model/failure.ts';
import { type Route, route } from '../http/route.ts';

type Method = Route['method'];

/**
 * Resources that Nova removed: by path, the methods that it answers with 410, and the release of Nova that
 * removed them (the modules of nova/api/openstack/compute with `HTTPGone`, and routes.py there).
 */
const REMOVED: readonly (readonly [path: string, methods: readonly Method[], release: string])[] = [
  ['/os-agents', ['GET', 'POST'], '22.0.0'],
  ['/os-agents/:id', ['PUT', 'DELETE'], '22.0.0'],
  ['/os-cells', ['GET', 'POST'], '20.0.0'],
  ['/os-cells/capacities', ['GET'], '20.0.0'],
  ['/os-cells/detail', ['GET'], '20.0.0'],
  ['/os-cells/info', ['GET'], '20.0.0'],
  ['/os-cells/sync_instances', ['POST'], '20.0.0'],
  ['/os-cells/:id', ['GET', 'PUT', 'DELETE'], '20.0.0'],
  ['/os-cells/:id/capacities', ['GET'], '20.0.0'],
  ['/os-certificates', ['POST'], '16.0.0'],
  ['/os-certificates/:id', ['GET'], '16.0.0'],
  ['/os-cloudpipe', ['GET', 'POST'], '16.0.0'],
  ['/os-cloudpipe/:id', ['PUT'], '16.0.0'],
  ['/servers/:server_id/consoles', ['GET', 'POST'], '21.0.0'],
  ['/servers/:server_id/consoles/:id', ['GET', 'DELETE'], '21.0.0'],
  ['/os-fixed-ips/:id', ['GET'], '18.0.0'],
  ['/os-fixed-ips/:id/action', ['POST'], '18.0.0'],
  ['/os-floating-ip-dns', ['GET'], '18.0.0'],
  ['/os-floating-ip-dns/:id', ['PUT', 'DELETE'], '18.0.0'],
  ['/os-floating-ip-dns/:id/entries/:entry', ['GET', 'PUT', 'DELETE'], '18.0.0'],
  ['/os-floating-ips-bulk', ['GET', 'POST'], '18.0.0'],
  ['/os-floating-ips-bulk/:id', ['GET', 'PUT'], '18.0.0'],
  ['/os-fping', ['GET'], '18.0.0'],
  ['/os-fping/:id', ['GET'], '18.0.0'],
  ['/os-networks', ['POST'], '21.0.0'],
  ['/os-networks/add', ['POST'], '21.0.0'],
  ['/os-networks/:id', ['DELETE'], '21.0.0'],
  ['/os-networks/:id/action', ['POST'], '21.0.0'],
  ['/os-security-group-default-rules', ['GET', 'POST'], '21.0.0'],
  ['/os-security-group-default-rules/:id', ['GET', 'DELETE'], '21.0.0'],
  ['/os-tenant-networks', ['POST'], '21.0.0'],
  ['/os-tenant-networks/:id', ['DELETE'], '21.0.0'],
  ['/servers/:server_id/os-virtual-interfaces', ['GET'], '18.0.0'],
];

/** webob.exc.HTTPGone. */
const TEXT = 'This resource is no longer available.  No forwarding address is given.';

export const removedResourceRoutes: readonly Route[] = REMOVED.flatMap(([path, methods, release]) =>
  methods.map((method) =>
    route({
      method,
      path,
      access: 'token',
      policy: 'none',
      summary: `Removed from Nova in ${release}`,
      status: 410,
      handle: async () => {
        throw new Failure('gone', TEXT);
      },
    }),
  ),
);
