import type { FlavorSnapshot } from './flavor.ts';
import type { GivenIdentity } from './given-identity.ts';
import type { GuestDeviation } from './guest-reading.ts';
import type { HostName, ProjectId, ServerId, UserId } from './ids.ts';
import type { ImageSnapshot } from './image.ts';
import type { InjectedFile } from './injected-file.ts';
import type { MachineIdentity } from './machine-identity.ts';
import type { ValueTimes } from './value-times.ts';

/** nova/objects/fields.py InstanceState */
export const VM_STATES = [
  'building',
  'active',
  'stopped',
  'paused',
  'suspended',
  'resized',
  'rescued',
  'error',
  'deleted',
  'soft-delete',
  'shelved',
  'shelved_offloaded',
] as const;

export type VmState = (typeof VM_STATES)[number];

/** nova/objects/fields.py InstanceTaskState: the task that the server is in; null between operations. */
export type TaskState =
  | null
  | 'scheduling'
  | 'block_device_mapping'
  | 'networking'
  | 'spawning'
  | 'powering-off'
  | 'powering-on'
  | 'reboot_pending'
  | 'reboot_started'
  | 'rebooting'
  | 'reboot_pending_hard'
  | 'reboot_started_hard'
  | 'rebooting_hard'
  | 'pausing'
  | 'unpausing'
  | 'suspending'
  | 'resuming'
  | 'rescuing'
  | 'unrescuing'
  | 'rebuilding'
  | 'rebuild_block_device_mapping'
  | 'rebuild_spawning'
  | 'resize_prep'
  | 'resize_migrating'
  | 'resize_migrated'
  | 'resize_finish'
  | 'resize_reverting'
  | 'resize_confirming'
  | 'migrating'
  | 'deleting'
  | 'soft-deleting'
  | 'restoring'
  | 'updating_password'
  | 'shelving'
  | 'shelving_offloading'
  | 'unshelving'
  | 'image_snapshot'
  | 'image_pending_upload'
  | 'image_uploading';

/** nova/objects/fields.py InstancePowerState */
export const POWER_STATES = {
  nostate: 0,
  running: 1,
  paused: 3,
  shutdown: 4,
  crashed: 6,
  suspended: 7,
} as const;
export type PowerState = keyof typeof POWER_STATES;

/** Why a server is in ERROR. */
export interface ServerFault {
  /** An HTTP status. Nova uses 500 for every fault that the user cannot repair. */
  readonly code: number;
  readonly message: string;
  /** For administrators only. */
  readonly details: string;
  /** Epoch milliseconds */
  readonly createdAt: number;
}

/**
 * Whether the guest's file system should fill its disk (AUTO). Nameplate stores and shows it. In Nova, only
 * drivers with an agent in the guest act on it.
 */
export type DiskConfig = 'AUTO' | 'MANUAL';

/** A server as the store keeps it. All times are epoch milliseconds. */
export interface Server {
  readonly id: ServerId;
  /** Increases by one with every write. A write names the generation it read. */
  readonly generation: number;
  /** A sequence number: the number in `instance-00000001`. */
  readonly number: number;
  readonly name: string;
  readonly hostname: string;
  readonly description: string | null;
  readonly projectId: ProjectId;
  readonly userId: UserId;
  readonly projectName: string;
  readonly userName: string;
  readonly vmState: VmState;
  readonly taskState: TaskState;
  readonly powerState: PowerState;
  readonly host: HostName | null;
  /**
   * The host to revert to while a resize or cold migration waits for confirmation. The capacity that the
   * guest used stays reserved there.
   */
  readonly oldHost: HostName | null;
  /**
   * During a move: the destination, and the flavor that the server will have there. The capacity is reserved
   * at the destination.
   */
  readonly destHost: HostName | null;
  readonly destFlavor: FlavorSnapshot | null;
  /**
   * During a resize: the requested flavor. The project's quota usage counts the larger of the two flavors.
   */
  readonly resizeTo: FlavorSnapshot | null;
  /** The server group in which it was created. */
  readonly groupId: string | null;
  /** The availability zone that the user requested, or null. */
  readonly availabilityZone: string | null;
  readonly flavor: FlavorSnapshot;
  /** The flavor to revert to while a resize waits for confirmation. */
  readonly oldFlavor: FlavorSnapshot | null;
  readonly image: ImageSnapshot;
  /** The disk set that the guest runs on; see `hypervisor/driver.ts`. */
  readonly diskSet: string;
  /** The disk set to revert to while a resize waits for confirmation. */
  readonly oldDiskSet: string | null;
  /** While a resize waits for confirmation: the VM state before the resize. */
  readonly oldVmState: 'active' | 'stopped' | null;
  /** What the guest is known by; null until it is first defined. */
  readonly machine: MachineIdentity | null;
  /** Since when the values of `machine` are as they are; null: without one, or not known. */
  readonly machineTimes: ValueTimes | null;
  /** What its guest was last started with where that is not what `machine` and its ports say; else null. */
  readonly reads: GuestDeviation | null;
  /**
   * Its interfaces are its ports, none where it has none. False for servers of release 0.1 until their first
   * one is a port: until then it is what `[libvirt] network_type` of their host says.
   */
  readonly onlyPorts: boolean;
  /** What it was imported with; null: it was not imported. */
  readonly given: GivenIdentity | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly keyName: string | null;
  readonly keyPublic: string | null;
  readonly keyType: 'ssh' | 'x509' | null;
  /** base64, as the user sent it */
  readonly userData: string | null;
  /** Absent: none. */
  readonly files?: readonly InjectedFile[];
  readonly configDrive: boolean;
  /** An address that the user set for display. Nameplate does not use it. */
  readonly accessIPv4: string | null;
  readonly accessIPv6: string | null;
  readonly diskConfig: DiskConfig;
  readonly locked: 'owner' | 'admin' | null;
  readonly lockedReason: string | null;
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly fault: ServerFault | null;
  /** 0 to 100 */
  readonly progress: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly launchedAt: number | null;
  readonly terminatedAt: number | null;
}

/** The fields that a write may change. */
export type ServerPatch = Partial<
  Omit<Server, 'id' | 'generation' | 'number' | 'projectId' | 'userId' | 'createdAt'>
>;

const STATUS_BY_TASK: Partial<Record<VmState, Partial<Record<NonNullable<TaskState>, string>>>> = {
  active: {
    rebooting: 'REBOOT',
    reboot_pending: 'REBOOT',
    reboot_started: 'REBOOT',
    rebooting_hard: 'HARD_REBOOT',
    reboot_pending_hard: 'HARD_REBOOT',
    reboot_started_hard: 'HARD_REBOOT',
    updating_password: 'PASSWORD',
    rebuilding: 'REBUILD',
    rebuild_block_device_mapping: 'REBUILD',
    rebuild_spawning: 'REBUILD',
    migrating: 'MIGRATING',
    resize_prep: 'RESIZE',
    resize_migrating: 'RESIZE',
    resize_migrated: 'RESIZE',
    resize_finish: 'RESIZE',
  },
  stopped: {
    resize_prep: 'RESIZE',
    resize_migrating: 'RESIZE',
    resize_migrated: 'RESIZE',
    resize_finish: 'RESIZE',
    rebuilding: 'REBUILD',
    rebuild_block_device_mapping: 'REBUILD',
    rebuild_spawning: 'REBUILD',
  },
  resized: { resize_reverting: 'REVERT_RESIZE' },
  paused: { migrating: 'MIGRATING' },
  error: { rebuilding: 'REBUILD', rebuild_block_device_mapping: 'REBUILD', rebuild_spawning: 'REBUILD' },
};

const STATUS: Record<VmState, string> = {
  building: 'BUILD',
  active: 'ACTIVE',
  stopped: 'SHUTOFF',
  paused: 'PAUSED',
  suspended: 'SUSPENDED',
  resized: 'VERIFY_RESIZE',
  rescued: 'RESCUE',
  error: 'ERROR',
  deleted: 'DELETED',
  'soft-delete': 'SOFT_DELETED',
  shelved: 'SHELVED',
  shelved_offloaded: 'SHELVED_OFFLOADED',
};

/** The API's status for a pair of states (nova/api/openstack/common.py _STATE_MAP). */
export function statusOf(server: Pick<Server, 'vmState' | 'taskState'>): string {
  const byTask = server.taskState === null ? undefined : STATUS_BY_TASK[server.vmState]?.[server.taskState];
  return byTask ?? STATUS[server.vmState];
}

/** The VM states that a status in a list filter stands for; empty for an unknown status. */
export function vmStatesOfStatus(status: string): VmState[] {
  const wanted = status.toUpperCase();
  const states = Object.keys(STATUS) as VmState[];
  return states.filter(
    (state) => STATUS[state] === wanted || Object.values(STATUS_BY_TASK[state] ?? {}).includes(wanted),
  );
}

/**
 * The task states that a status in a list filter stands for. 'any' when the status does not depend on them:
 * as in nova/api/openstack/common.py task_and_vm_state_from_status, the default status of a VM state matches
 * every task state.
 */
export function taskStatesOfStatus(status: string): NonNullable<TaskState>[] | 'any' {
  const wanted = status.toUpperCase();
  if (Object.values(STATUS).includes(wanted)) return 'any';
  const byTask = Object.values(STATUS_BY_TASK).flatMap((tasks) => Object.entries(tasks));
  return byTask.filter(([, word]) => word === wanted).map(([task]) => task as NonNullable<TaskState>);
}

/** The libvirt domain's name (Nova's instance_name_template `instance-%08x`). */
export function domainNameOf(server: Pick<Server, 'number'>): string {
  return `instance-${server.number.toString(16).padStart(8, '0')}`;
}
