import { type CloudHostOptions, HOST, MACHINE_ID } from '../lab/cloud-host.ts';
import type { OperationCase } from '../lab/operation-cases.ts';

/** The body of a server action; or one of the requests that is not a plain action. */
type Request = 'create' | 'delete' | 'evacuate' | Readonly<Record<string, unknown>>;
/** A request that prepares a server, and the status in which the server then rests. */
export type Preparation = readonly [request: Request, status: string];

export interface CloudLayout {
  readonly hosts: readonly CloudHostOptions[];
  /** Whether all hosts keep their disks in one place. */
  readonly sharesDisks: boolean;
}

const MUCH_MEMORY = 200_000;
export const OTHER_HOST = 'hume' as typeof HOST;
/**
 * Two hosts with serials of their own. Servers start on the first, which has no room for the flavor `away`.
 */
const TWO_HOSTS = [
  { name: HOST, machineId: MACHINE_ID, capacity: { memoryMb: MUCH_MEMORY - 1 } },
  { name: OTHER_HOST, machineId: '76543210-89ab-cdef-0123-456789abcdef' },
] as const;

export const LAYOUTS = {
  'one host': { hosts: [{ name: HOST, machineId: MACHINE_ID }], sharesDisks: false },
  'two hosts': { hosts: TWO_HOSTS, sharesDisks: false },
  'two hosts, shared disks': { hosts: TWO_HOSTS, sharesDisks: true },
} as const satisfies Record<string, CloudLayout>;

/** What a new cloud is given through the API before any server is made. */
export const FLAVORS = [
  { id: 'small', vcpus: 1, ram: 64, disk: 1, extraSpecs: {} },
  { id: 'large', vcpus: 2, ram: 128, disk: 2, extraSpecs: { 'hw:unique_serial': 'true' } },
  { id: 'away', vcpus: 1, ram: MUCH_MEMORY, disk: 1, extraSpecs: { 'hw:unique_serial': 'true' } },
] as const;
export const IMAGES = [
  { name: 'plain', properties: {} },
  { name: 'own', properties: { hw_unique_serial: 'yes' } },
] as const;

/** One kind of operation, begun from one state, as requests to the API: those outlive every release. */
export interface UpgradeCase {
  readonly name: string;
  readonly kind: OperationCase['kind'];
  /** The first release that has it; by default 0.1.0. */
  readonly since?: string;
  /** Run without NAMEPLATE_LONG=1 too: the one of its kind with the most steps. */
  readonly brief?: true;
  readonly layout: keyof typeof LAYOUTS;
  /** What brings a server there first; none: there is no server yet. */
  readonly from: readonly Preparation[];
  readonly request: Request;
  /**
   * Sent while the operation is under way, and written down before the process is killed: there are two
   * operations then.
   */
  readonly meanwhile?: 'delete';
}

const create: Preparation = ['create', 'ACTIVE'];
const stop: Preparation = [{ 'os-stop': null }, 'SHUTOFF'];
const pause: Preparation = [{ pause: null }, 'PAUSED'];
const suspend: Preparation = [{ suspend: null }, 'SUSPENDED'];
const resize: Preparation = [{ resize: { flavorRef: 'large' } }, 'VERIFY_RESIZE'];
const resizeAway: Preparation = [{ resize: { flavorRef: 'away' } }, 'VERIFY_RESIZE'];
const migrate: Preparation = [{ migrate: null }, 'VERIFY_RESIZE'];
const hardReboot = { reboot: { type: 'HARD' } };
const rebuild = { rebuild: { imageRef: 'own' } };
const confirm = { confirmResize: null };
const revert = { revertResize: null };
const liveMigrate = { 'os-migrateLive': { host: null, block_migration: 'auto' } };

const oneHost: readonly Omit<UpgradeCase, 'layout'>[] = [
  { name: 'create', kind: 'create-server', from: [], request: 'create', brief: true },
  { name: 'create, deleted meanwhile', kind: 'create-server', from: [], request: 'create', meanwhile: 'delete' },
  { name: 'delete', kind: 'delete-server', from: [create], request: 'delete', brief: true },
  { name: 'delete while resized', kind: 'delete-server', from: [create, resize], request: 'delete' },
  { name: 'stop', kind: 'stop-server', from: [create], request: stop[0], brief: true },
  { name: 'start', kind: 'start-server', from: [create, stop], request: { 'os-start': null }, brief: true },
  { name: 'soft reboot', kind: 'soft-reboot-server', from: [create], request: { reboot: { type: 'SOFT' } }, brief: true },
  { name: 'hard reboot', kind: 'hard-reboot-server', from: [create], request: hardReboot, brief: true },
  { name: 'hard reboot of a stopped server', kind: 'hard-reboot-server', from: [create, stop], request: hardReboot },
  { name: 'hard reboot of a paused server', kind: 'hard-reboot-server', from: [create, pause], request: hardReboot },
  { name: 'hard reboot of a suspended server', kind: 'hard-reboot-server', from: [create, suspend], request: hardReboot },
  { name: 'pause', kind: 'pause-server', from: [create], request: pause[0], brief: true },
  { name: 'unpause', kind: 'unpause-server', from: [create, pause], request: { unpause: null }, brief: true },
  { name: 'suspend', kind: 'suspend-server', from: [create], request: suspend[0], brief: true },
  { name: 'resume', kind: 'resume-server', from: [create, suspend], request: { resume: null }, brief: true },
  { name: 'rebuild', kind: 'rebuild-server', from: [create], request: rebuild, brief: true },
  { name: 'rebuild of a stopped server', kind: 'rebuild-server', from: [create, stop], request: rebuild },
  { name: 'resize', kind: 'resize-server', from: [create], request: resize[0] },
  { name: 'resize of a stopped server', kind: 'resize-server', from: [create, stop], request: resize[0] },
  { name: 'confirm resize', kind: 'confirm-resize', from: [create, resize], request: confirm },
  { name: 'confirm resize of a stopped server', kind: 'confirm-resize', from: [create, stop, resize], request: confirm },
  { name: 'revert resize', kind: 'revert-resize', from: [create, resize], request: revert },
  { name: 'revert resize of a stopped server', kind: 'revert-resize', from: [create, stop, resize], request: revert },
]; // biome-ignore format: a table

const twoHosts: readonly Omit<UpgradeCase, 'layout'>[] = [
  { name: 'cold migrate', kind: 'migrate-server', from: [create], request: migrate[0], brief: true },
  { name: 'cold migrate of a stopped server', kind: 'migrate-server', from: [create, stop], request: migrate[0] },
  { name: 'resize to another host', kind: 'resize-server', from: [create], request: resizeAway[0], brief: true },
  { name: 'resize to another host, deleted meanwhile', kind: 'resize-server', from: [create], request: resizeAway[0], meanwhile: 'delete', brief: true },
  { name: 'resize of a stopped server to another host', kind: 'resize-server', from: [create, stop], request: resizeAway[0] },
  { name: 'confirm cold migration', kind: 'confirm-resize', from: [create, migrate], request: confirm },
  { name: 'confirm cold migration of a stopped server', kind: 'confirm-resize', from: [create, stop, migrate], request: confirm },
  { name: 'confirm resize to another host', kind: 'confirm-resize', from: [create, resizeAway], request: confirm, brief: true },
  { name: 'revert cold migration', kind: 'revert-resize', from: [create, migrate], request: revert },
  { name: 'revert cold migration of a stopped server', kind: 'revert-resize', from: [create, stop, migrate], request: revert },
  { name: 'revert resize to another host', kind: 'revert-resize', from: [create, resizeAway], request: revert, brief: true },
  { name: 'live migrate', kind: 'live-migrate-server', from: [create], request: liveMigrate, brief: true },
  { name: 'live migrate, deleted meanwhile', kind: 'live-migrate-server', from: [create], request: liveMigrate, meanwhile: 'delete' },
  { name: 'live migrate of a paused server', kind: 'live-migrate-server', from: [create, pause], request: liveMigrate },
  { name: 'evacuate', kind: 'evacuate-server', from: [create], request: 'evacuate', brief: true },
  { name: 'evacuate of a stopped server', kind: 'evacuate-server', from: [create, stop], request: 'evacuate' },
  { name: 'delete while migrated', kind: 'delete-server', from: [create, migrate], request: 'delete' },
]; // biome-ignore format: a table

/** Every kind of operation, from every state that makes a difference to its steps. */
export const UPGRADE_CASES: readonly UpgradeCase[] = [
  ...oneHost.map((each) => ({ ...each, layout: 'one host' as const })),
  ...twoHosts.map((each) => ({ ...each, layout: 'two hosts' as const })),
  {
    ...{ name: 'live migrate, shared disks', kind: 'live-migrate-server', from: [create] },
    ...{ request: liveMigrate, layout: 'two hosts, shared disks' },
  },
];
