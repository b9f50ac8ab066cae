import { hash } from 'node:crypto';

/** The only region. Clients compare it with their `region_name`. */
export const REGION = 'RegionOne';

export interface CatalogEndpoint {
  readonly id: string;
  readonly interface: 'public' | 'internal' | 'admin';
  readonly region_id: string;
  readonly region: string;
  readonly url: string;
}

export interface CatalogService {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly description: string;
  readonly endpoints: readonly CatalogEndpoint[];
}

/** The services, each with the path of its version discovery. */
const SERVICES = [
  { type: 'compute', name: 'nova', description: 'Compute', path: '/compute/v2.1' },
  { type: 'image', name: 'glance', description: 'Image', path: '/image' },
  { type: 'network', name: 'neutron', description: 'Network', path: '/networking' },
  { type: 'identity', name: 'keystone', description: 'Identity', path: '/identity/v3' },
] as const;
const INTERFACES = ['public', 'internal', 'admin'] as const;

/** The base URL of all services: that of the Identity API without its own prefix. */
export function rootOf(identityBase: string): string {
  return identityBase.replace(/\/identity$/, '');
}

/** The services and their endpoints, as seen by a client that uses the base URL `root`. */
export function catalogAt(root: string): CatalogService[] {
  return SERVICES.map(({ path, ...service }) => ({
    id: stableId(service.type),
    ...service,
    endpoints: INTERFACES.map((name) => ({
      id: stableId(`${service.type} ${name}`),
      interface: name,
      region_id: REGION,
      region: REGION,
      url: root + path,
    })),
  }));
}

/** An id that is the same in every process and after every start. */
function stableId(of: string): string {
  return hash('sha256', `nameplate catalog ${of}`, 'hex').slice(0, 32);
}
