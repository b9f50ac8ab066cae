import type { HostName } from '../../src/model/ids.ts';
import { evacuateServer } from '../../src/operations/kinds/evacuate-server.ts';
import { liveMigrateServer } from '../../src/operations/kinds/live-migrate-server.ts';
import type { OperationName } from '../../src/operations/kinds/operation-kinds.ts';
import { migrateServer, resizeServer } from '../../src/operations/kinds/resize-server.ts';
import { caseRequest } from './case-request.ts';
import type { CloudOptions } from './cloud.ts';
import { HOST, MACHINE_ID } from './cloud-host.ts';
import {
  type CasesOf,
  confirm,
  listed,
  type MoveName,
  type OperationCase,
  pause,
  remove,
  revert,
  stop,
} from './operation-cases.ts';
import { flavorOf, requester } from './requests.ts';

export const OTHER_HOST = 'hume' as HostName;
export const OTHER_MACHINE_ID = '76543210-89ab-cdef-0123-456789abcdef';

const MUCH_MEMORY = 200_000;
/** Two hosts with serials of their own; a server starts on the first, which has no room for `AWAY`. */
export const TWO_HOSTS = {
  hosts: [
    { name: HOST, machineId: MACHINE_ID, capacity: { memoryMb: MUCH_MEMORY - 1 } },
    { name: OTHER_HOST, machineId: OTHER_MACHINE_ID },
  ],
} as const satisfies CloudOptions;
/** The same, with their disks in one place. */
const TWO_SHARING_HOSTS = { ...TWO_HOSTS, sharesDisks: true } as const;

/** A flavor with its own serial, that only the other host has room for. */
export const AWAY = flavorOf({
  id: 'away',
  ramMb: MUCH_MEMORY,
  extraSpecs: { 'hw:unique_serial': 'true' },
});

export const migrate = caseRequest(
  { migrate: null },
  ({ operations }, server) => operations.start(migrateServer, server, { host: null }, requester()),
  'resized',
);
export const resizeAway = caseRequest(
  { resize: { flavorRef: 'away' } },
  ({ operations }, server) => operations.start(resizeServer, server, { flavor: AWAY }, requester()),
  'resized',
);
export const liveMigrate = caseRequest(
  { 'os-migrateLive': { host: null, block_migration: 'auto' } },
  ({ operations }, server) =>
    operations.start(liveMigrateServer, server, { host: null, blockMigration: 'auto' }, requester()),
);

/** The server's host is said to be down, although its agent goes on: as one that cannot be reached. */
export const evacuate = caseRequest('evacuate', async ({ operations, store }, server) => {
  const status = { status: 'enabled', disabledReason: null } as const;
  await store.hosts.setStatus(server.host!, { ...status, forcedDown: true });
  await operations.start(evacuateServer, server, { host: null }, requester());
  await store.hosts.setStatus(server.host!, { ...status, forcedDown: false });
});

const CASES = {

  'migrate-server': [
    { name: 'cold migrate', from: [], ask: migrate },
    { name: 'cold migrate of a stopped server', from: [stop], ask: migrate },
  ],
  'resize-server': [
    { name: 'resize to another host', from: [], ask: resizeAway },
    { name: 'resize of a stopped server to another host', from: [stop], ask: resizeAway },
  ],
  'confirm-resize': [
    { name: 'confirm cold migration', from: [migrate], ask: confirm },
    { name: 'confirm cold migration of a stopped server', from: [stop, migrate], ask: confirm },
    { name: 'confirm resize to another host', from: [resizeAway], ask: confirm },
  ],
  'revert-resize': [
    { name: 'revert cold migration', from: [migrate], ask: revert },
    { name: 'revert cold migration of a stopped server', from: [stop, migrate], ask: revert },
    { name: 'revert resize to another host', from: [resizeAway], ask: revert },
  ],
  'live-migrate-server': [
    { name: 'live migrate', from: [], ask: liveMigrate },
    { name: 'live migrate of a paused server', from: [pause], ask: liveMigrate },
    { name: 'live migrate, shared disks', from: [], ask: liveMigrate, cloud: TWO_SHARING_HOSTS },
  ],
  'evacuate-server': [
    { name: 'evacuate', from: [], ask: evacuate },
    { name: 'evacuate of a stopped server', from: [stop], ask: evacuate },
  ],
  'delete-server': [
    { name: 'delete while migrated', from: [migrate], ask: remove },
  ],
} satisfies CasesOf<MoveName> & Partial<CasesOf<OperationName>>; // biome-ignore format: a table

/** Every move between two hosts, from every state that makes a difference to its steps. */
export const MOVE_CASES: readonly OperationCase[] = listed(CASES).map((each) => ({
  cloud: TWO_HOSTS,
  ...each,
}));
