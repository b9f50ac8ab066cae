/**
 * libvirt's numbers for the fields of its calls and events, by its own names.
 * Mirrors https://libvirt.org/html/libvirt-libvirt-domain.html.
 */

/** `virDomainState`. */
export const domainStates = {
  noState: 0,
  running: 1,
  blocked: 2,
  paused: 3,
  shutdown: 4,
  shutoff: 5,
  crashed: 6,
  pmSuspended: 7,
} as const;

/** Reasons of a state, by state (`virDomainRunningReason` and its kin). */
export const stateReasons = {
  running: {
    ...{ unknown: 0, booted: 1, migrated: 2, restored: 3, fromSnapshot: 4, unpaused: 5 },
    ...{ migrationCanceled: 6, saveCanceled: 7, wakeup: 8, crashed: 9, postCopy: 10, postCopyFailed: 11 },
  },
  paused: {
    ...{ unknown: 0, user: 1, migration: 2, save: 3, dump: 4, ioError: 5, watchdog: 6, fromSnapshot: 7 },
    ...{ shuttingDown: 8, snapshot: 9, crashed: 10, startingUp: 11, postCopy: 12, postCopyFailed: 13 },
    ...{ apiError: 14 },
  },
  shutoff: {
    ...{ unknown: 0, shutdown: 1, destroyed: 2, crashed: 3, migrated: 4, saved: 5, failed: 6 },
    ...{ fromSnapshot: 7, daemon: 8 },
  },
  crashed: { unknown: 0, panicked: 1 },
} as const;

/** `virDomainEventType`, and the details of each (`virDomainEventStoppedDetailType` and its kin). */
export const lifecycleEvents = {
  defined: { event: 0, details: { added: 0, updated: 1, renamed: 2, fromSnapshot: 3 } },
  undefined: { event: 1, details: { removed: 0, renamed: 1 } },
  started: {
    event: 2,
    details: { booted: 0, migrated: 1, restored: 2, fromSnapshot: 3, wakeup: 4, recreated: 5 },
  },
  suspended: {
    event: 3,
    details: {
      ...{ paused: 0, migrated: 1, ioError: 2, watchdog: 3, restored: 4, fromSnapshot: 5, apiError: 6 },
      ...{ postCopy: 7, postCopyFailed: 8 },
    },
  },
  resumed: {
    event: 4,
    details: { unpaused: 0, migrated: 1, fromSnapshot: 2, postCopy: 3, postCopyFailed: 4 },
  },
  stopped: {
    event: 5,
    details: {
      ...{ shutdown: 0, destroyed: 1, crashed: 2, migrated: 3, saved: 4, failed: 5, fromSnapshot: 6 },
      ...{ recreated: 7 },
    },
  },
  shutdown: { event: 6, details: { finished: 0, guest: 1, host: 2 } },
  pmSuspended: { event: 7, details: { memory: 0, disk: 1 } },
  crashed: { event: 8, details: { panicked: 0, crashLoaded: 1 } },
} as const;

/** `virDomainXMLFlags`, for domainGetXMLDesc. */
export const xmlFlags = { secure: 1, inactive: 2, updateCpu: 4, migratable: 8 } as const;

/** `virConnectBaselineCPUFlags`. */
export const baselineFlags = { expandFeatures: 1, migratable: 2 } as const;

/** `virCPUCompareResult`. */
export const cpuComparisons = { incompatible: 0, identical: 1, superset: 2 } as const;

/** `virDomainDefineFlags`. */
export const defineFlags = { validate: 1 } as const;

/** `virDomainCreateFlags`. */
export const createFlags = {
  ...{ paused: 1, autodestroy: 2, bypassCache: 4, forceBoot: 8, validate: 16, resetNvram: 32 },
} as const;

/** `virDomainDestroyFlagsValues`. */
export const destroyFlags = { graceful: 1, removeLogs: 2 } as const;

/** `virDomainUndefineFlagsValues`. */
export const undefineFlags = {
  ...{ managedSave: 1, snapshotsMetadata: 2, nvram: 4, keepNvram: 8, checkpointsMetadata: 16 },
  ...{ tpm: 32, keepTpm: 64 },
} as const;

/** `virDomainShutdownFlagValues`, and the same of `virDomainRebootFlagValues`. */
export const shutdownFlags = {
  acpiPowerButton: 1,
  guestAgent: 2,
  initctl: 4,
  signal: 8,
  paravirt: 16,
} as const;

/** `virDomainModificationImpact` and `virDomainDeviceModifyFlags`. */
export const affectFlags = { current: 0, live: 1, config: 2, force: 4 } as const;

/** `virDomainMetadataType`. */
export const metadataTypes = { description: 0, title: 1, element: 2 } as const;

/** `virConnectListAllDomainsFlags`. */
export const listDomainsFlags = {
  ...{
    active: 1,
    inactive: 2,
    persistent: 4,
    transient: 8,
    running: 16,
    paused: 32,
    shutoff: 64,
    other: 128,
  },
  ...{ managedSave: 256, noManagedSave: 512, autostart: 1024, noAutostart: 2048 },
} as const;

/** `virDomainStatsTypes`. */
export const statsTypes = {
  ...{ state: 1, cpuTotal: 2, balloon: 4, vcpu: 8, interface: 16, block: 32, perf: 64, iothread: 128 },
  ...{ memory: 256, dirtyRate: 512, vm: 1024 },
} as const;

/**
 * `virConnectGetAllDomainStatsFlags`. With `nowait` a guest that is busy or hangs is reported in part, not
 * waited for.
 */
export const statsFlags = {
  ...{
    active: 1,
    inactive: 2,
    persistent: 4,
    transient: 8,
    running: 16,
    paused: 32,
    shutoff: 64,
    other: 128,
  },
  ...{ nowait: 0x2000_0000, backing: 0x4000_0000, enforceStats: 0x8000_0000 },
} as const;

/** `virDomainJobType`. */
export const jobTypes = { none: 0, bounded: 1, unbounded: 2, completed: 3, failed: 4, cancelled: 5 } as const;

/** `virDomainGetJobStatsFlags`. */
export const jobStatsFlags = { completed: 1, keepCompleted: 2 } as const;

/** `virDomainMigrateFlags`. */
export const migrateFlags = {
  ...{ live: 1, peer2peer: 2, tunnelled: 4, persistDest: 8, undefineSource: 16, paused: 32 },
  ...{ nonSharedDisk: 64, nonSharedInc: 128, changeProtection: 256, unsafe: 512, offline: 1024 },
  ...{ compressed: 2048, abortOnError: 4096, autoConverge: 8192, rdmaPinAll: 16384, postCopy: 32768 },
  ...{ tls: 65536, parallel: 131072, nonSharedSynchronousWrites: 262144, postCopyResume: 524288 },
  zeroCopy: 1048576,
} as const;

/** Fields of a migration's parameters (`VIR_MIGRATE_PARAM_*`). */
export const migrateParams = {
  uri: 'migrate_uri',
  destinationName: 'destination_name',
  destinationXml: 'destination_xml',
  persistentXml: 'persistent_xml',
  /** ullong, MiB/s */
  bandwidth: 'bandwidth',
  bandwidthPostCopy: 'bandwidth.postcopy',
  graphicsUri: 'graphics_uri',
  listenAddress: 'listen_address',
  migrateDisks: 'migrate_disks',
  disksPort: 'disks_port',
  disksUri: 'disks_uri',
} as const;

/** `virDomainBlockResizeFlags`. */
export const blockResizeFlags = { bytes: 1, capacity: 2 } as const;

/** `virNetworkUpdateCommand`. */
export const networkUpdateCommands = { modify: 1, delete: 2, addLast: 3, addFirst: 4 } as const;

/** `virNetworkUpdateSection`. */
export const networkSections = {
  ...{ bridge: 1, domain: 2, ip: 3, ipDhcpHost: 4, ipDhcpRange: 5, forward: 6, forwardInterface: 7 },
  ...{ forwardPf: 8, portgroup: 9, dnsHost: 10, dnsTxt: 11, dnsSrv: 12 },
} as const;

/** `virNetworkUpdateFlags`. */
export const networkUpdateFlags = { current: 0, live: 1, config: 2 } as const;

/** `virNetworkXMLFlags`, for networkGetXMLDesc. */
export const networkXmlFlags = { inactive: 1 } as const;

/** `VIR_DRV_FEATURE_*`: what connectSupportsFeature can be asked for. */
export const features = { networkUpdateOrder: 16 } as const;
