/** What a room may import besides itself. The table is DESIGN.md's; a room that is not in it may import nothing. */
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
  model: { rooms: [], packages: ['typebox'], pure: true },
  files: { rooms: ['model'] },
  serial: { rooms: ['model'], pure: true },
  scheduler: { rooms: ['model', 'serial'], pure: true },
  operations: { rooms: ['model', 'serial', 'scheduler'], types: ['store', 'bus'] },
  hypervisor: { rooms: ['model', 'serial', 'files'] },
  'hypervisor/libvirt': {
    rooms: ['model', 'serial', 'hypervisor', 'files'],
    packages: ['libvirt-rpc', 'fast-xml-parser'],
  },
  'hypervisor/simulated': { rooms: ['model', 'serial', 'hypervisor', 'files'] },
  agent: { rooms: ['model', 'serial', 'hypervisor'], types: ['bus'] },
  store: { rooms: ['model', 'files'], packages: ['kysely', 're2js'] },
  bus: { rooms: ['model'] },
  api: {
    rooms: ['model', 'serial', 'operations'],
    types: ['store'],
    packages: ['fastify', 'typebox', '@fastify/type-provider-typebox', 'ajv'],
  },
  config: { rooms: ['model', 'serial'] },
  'demo-image': { rooms: ['model'] },
};

/** Rooms that join the others: they may import anything, and only they may import each other. */
export const JOINING_ROOMS: readonly string[] = ['main', 'cli'];

/** Options are read in one place; others may name their types. */
export const TYPES_FOR_ALL: readonly string[] = ['config'];

/** Database and broker libraries, each in one dialect file of the room. */
export const DIALECT_LIBRARIES: Readonly<Record<string, string>> = {
  'node:sqlite': 'store',
  pg: 'store',
  '@nats-io/transport-node': 'bus',
  '@nats-io/jetstream': 'bus',
  '@nats-io/jwt': 'bus',
};

/** The room that a file is in; undefined for tests, benches and the like, which may import anything. */
export function roomOf(path: string): string | undefined {
  if (path.endsWith('.test.ts') || !path.endsWith('.ts')) return undefined;
  if (path === 'src/main.ts') return 'main';
  const [top, second, third, ...rest] = path.split('/');
  if (top === 'demo-image') return 'demo-image';
  if (top !== 'src' || third === undefined) return undefined;
  return second === 'hypervisor' && rest.length > 0 ? `${second}/${third}` : second;
}
