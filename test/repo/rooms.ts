/**
 * What a room may import besides itself. The table is DESIGN.md's; a room that is not in it may import
 * nothing.
 */
export interface RoomRule {
  /** Rooms of which anything may be imported. */
  readonly rooms: readonly string[];
  /** Rooms of which only types may be imported. */
  readonly types?: readonly string[];
  /** npm packages. */
  readonly packages?: readonly string[];
  /** No I/O, no clock, no chance: no `node:` module either. */
  readonly pure?: true;
}

export const ROOM_RULES: Readonly<Record<string, RoomRule>> = {
  async: { rooms: [] },
  model: { rooms: [], packages: ['ajv', 'ipaddr.js'], pure: true },
  files: { rooms: ['model'] },
  serial: { rooms: ['model'], pure: true },
  scheduler: { rooms: ['model', 'serial'], pure: true },
  config: { rooms: ['model'], packages: ['fastest-levenshtein'] },
  'store/promise': { rooms: ['model'] },
  'store/sql': { rooms: ['async', 'model'], types: ['store/promise'], packages: ['kysely', 're2js'] },
  'store/queries': { rooms: ['async', 'model', 'store/sql'], types: ['store/promise'], packages: ['kysely'] },
  'store/migrations': { rooms: ['model', 'store/sql'], packages: ['kysely'] },
  'store/sqlite': { rooms: ['model', 'files', 'store/sql'], packages: ['kysely'] },
  'store/postgresql': { rooms: ['async', 'model', 'store/sql'], packages: ['kysely'] },
  store: {
    rooms: [
      'model',
      'store/promise',
      'store/sql',
      'store/queries',
      'store/migrations',
      'store/sqlite',
      'store/postgresql',
    ],
  },
  'image-data': { rooms: ['model', 'files'], types: ['store/promise'] },
  bus: { rooms: ['async', 'model'] },
  'operations/engine': {
    rooms: ['async', 'model', 'serial'],
    types: ['scheduler', 'store/promise', 'bus'],
  },
  'operations/placement': {
    rooms: ['model', 'scheduler', 'operations/engine'],
    types: ['store/promise'],
  },
  'operations/steps': {
    rooms: ['model', 'scheduler', 'operations/engine', 'operations/placement'],
    types: ['store/promise'],
  },
  'operations/kinds': {
    rooms: ['model', 'serial', 'operations/engine', 'operations/placement', 'operations/steps'],
    types: ['store/promise'],
  },
  'operations/requests': {
    rooms: ['async', 'model', 'serial', 'operations/engine', 'operations/steps', 'operations/kinds'],
    types: ['operations/placement', 'store/promise', 'bus'],
  },
  'operations/reconcile': {
    rooms: [
      'async',
      'model',
      'serial',
      'operations/engine',
      'operations/steps',
      'operations/kinds',
      'operations/requests',
    ],
    types: ['store/promise', 'bus'],
  },
  network: { rooms: ['model'] },
  'network/libvirt': {
    rooms: ['async', 'model', 'files'],
    types: ['network'],
    packages: ['libvirt-rpc', 'fast-xml-parser'],
  },
  'network/simulated': { rooms: ['model'], types: ['network'] },
  hypervisor: { rooms: ['model'] },
  'hypervisor/libvirt': {
    rooms: ['async', 'model', 'serial', 'files'],
    types: ['hypervisor'],
    packages: ['libvirt-rpc', 'fast-xml-parser'],
  },
  'hypervisor/simulated': { rooms: ['async', 'model'], types: ['hypervisor'] },
  agent: { rooms: ['async', 'model', 'serial'], types: ['hypervisor', 'network', 'bus'] },
  'api/http': {
    rooms: ['model'],
    types: ['operations/engine', 'operations/requests', 'store/promise', 'image-data'],
    packages: ['fastify', 'ajv'],
  },
  'api/identity': {
    rooms: ['model', 'api/http'],
    types: ['store/promise'],
    packages: ['fastify'],
  },
  'api/image': {
    rooms: ['model', 'api/http'],
    types: ['store/promise'],
  },
  'api/network': { rooms: ['model', 'api/http'], types: ['store/promise'], packages: ['ajv'] },
  'api/compute': {
    rooms: ['model', 'operations/kinds', 'api/http', 'api/identity', 'api/image', 'api/network'],
    types: ['operations/engine', 'operations/requests', 'store/promise'],
  },
  'api/nameplate': {
    rooms: ['model', 'serial', 'operations/requests', 'api/http', 'api/compute'],
    types: ['store/promise'],
  },
  'api/openapi': { rooms: ['model', 'api/http'] },
  api: {
    rooms: [
      'model',
      'api/http',
      'api/identity',
      'api/image',
      'api/network',
      'api/compute',
      'api/nameplate',
      'api/openapi',
    ],
    packages: ['fastify'],
  },
  'demo-image': { rooms: ['model'] },
};

/** Rooms that join the others: they may import anything, and only they may import each other. */
export const JOINING_ROOMS: readonly string[] = ['main', 'cli'];

/** Options are read in one place; others may name their types. */
export const TYPES_FOR_ALL: readonly string[] = ['config'];

/** Packages of which every room may import the types, and none the code. */
export const TYPE_PACKAGES: readonly string[] = ['typebox'];

/** Database and broker libraries, each in one dialect file of the room. */
export const DIALECT_LIBRARIES: Readonly<Record<string, string>> = {
  'node:sqlite': 'store/sqlite',
  pg: 'store/postgresql',
  '@nats-io/transport-node': 'bus',
  '@nats-io/jetstream': 'bus',
  '@nats-io/jwt': 'bus',
};

/** Folders of `src` whose sub-folders are rooms of their own. */
const ROOMS_WITH_ROOMS: readonly string[] = ['api', 'hypervisor', 'network', 'operations', 'store'];

/** The room that a file is in; undefined for tests, benches and the like, which may import anything. */
export function roomOf(path: string): string | undefined {
  if (path.endsWith('.test.ts') || !path.endsWith('.ts')) return undefined;
  if (path === 'src/main.ts') return 'main';
  const [top, second, third, ...rest] = path.split('/');
  if (top === 'demo-image') return 'demo-image';
  if (top !== 'src' || second === undefined || third === undefined) return undefined;
  return rest.length > 0 && ROOMS_WITH_ROOMS.includes(second) ? `${second}/${third}` : second;
}
