import { type ApiRequest, preparation } from '../lab/case-request.ts';
import { type CloudHostOptions, HOST, MACHINE_ID } from '../lab/cloud-host.ts';
import { MOVE_CASES } from '../lab/move-cases.ts';
import { OPERATION_CASES, type OperationCase } from '../lab/operation-cases.ts';

/** A request that prepares a server, and the status in which the server then rests. */
export type Preparation = readonly [request: ApiRequest, status: string];

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
  readonly request: ApiRequest;
  /**
   * Sent while the operation is under way, and written down before the process is killed: there are two
   * operations then.
   */
  readonly meanwhile?: 'delete';
}

/** Of the kinds with several cases, those that run without NAMEPLATE_LONG=1: the ones with the most steps. */
const BRIEF: readonly string[] = [
  ...['delete', 'hard reboot', 'rebuild', 'cold migrate', 'live migrate', 'evacuate'],
  ...['resize to another host', 'confirm resize to another host', 'revert resize to another host'],
];

const CASES: readonly OperationCase[] = [...OPERATION_CASES, ...MOVE_CASES];

function upgradeCase({ name, kind, from, ask, since, cloud }: OperationCase): UpgradeCase {
  const isOnly = CASES.filter((each) => each.kind === kind).length === 1;
  return {
    ...{ name, kind, request: ask.request, ...(since !== undefined && { since }) },
    from: from === null ? [] : [['create', 'ACTIVE'], ...from.map(preparation)],
    layout: cloud === undefined ? 'one host' : cloud.sharesDisks ? 'two hosts, shared disks' : 'two hosts',
    ...((isOnly || BRIEF.includes(name)) && { brief: true }),
  };
}

/** A case whose server is deleted while its operation is under way. */
function deletedMeanwhile(name: string): UpgradeCase {
  const of = upgradeCase(CASES.find((each) => each.name === name)!);
  const { brief: _brief, ...rest } = of;
  return {
    ...{ ...rest, name: `${name}, deleted meanwhile`, meanwhile: 'delete' },
    ...(name === 'resize to another host' && { brief: true }),
  };
}

/** Every kind of operation, from every state that makes a difference to its steps. */
export const UPGRADE_CASES: readonly UpgradeCase[] = [
  ...CASES.map(upgradeCase),
  ...['create', 'resize to another host', 'live migrate'].map(deletedMeanwhile),
];
