/** How much an event matters to an operator. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * All log events of the service. The name is stable, for alerts and filters. The message is for people and
 * may be reworded. Fields hold what varies.
 */
export const LOG_EVENTS = {
  // The service and its parts
  'config-ignored': ['warn', 'an entry of the configuration has no effect'],
  'demo-cloud': ['info', 'preparing the demo cloud'],
  'first-network-not-made': [
    'warn',
    'the network private was not made, because a route of this host has its addresses: set [nameplate] first_network_cidr to a block that is free, or to none',
  ],
  'admin-password-unknown': [
    'warn',
    'the service does not know the password of the user admin: write it into the file admin-password',
  ],
  'shutting-down': ['info', 'shutting down'],
  'component-stop-failed': ['error', 'component failed to stop'],
  'rows-purged': ['info', 'purged old rows from the store'],
  'purge-failed': ['warn', 'failed to purge the store; retrying in an hour'],

  // HTTP
  request: ['debug', 'request'],
  'request-failed': ['error', 'request failed'],

  // Operations
  'operation-done': ['info', 'operation done'],
  'operation-unwound': ['info', 'operation unwound'],
  'operation-resumed': ['info', 'operation resumed'],
  'operation-taken-over': ['info', 'operation taken over by another replica'],
  'operation-suspended': ['error', 'the store failed during an operation; retrying soon'],
  'operation-stopped': ['error', 'operation stopped by a failure; it resumes at the next start'],
  'operation-not-understood': ['error', 'operation not understood; left to a replica that understands it'],
  'step-retried': ['warn', 'step failed, retrying'],
  'step-failed': ['warn', 'step failed'],
  'step-cancelled': ['info', 'step ended by a cancelled or best-effort operation'],
  'undo-retried': ['warn', 'undo of a step failed, retrying'],
  'undo-failed': ['warn', 'undo of a step failed'],
  'leases-not-renewed': ['warn', 'failed to renew operation leases'],

  // Guests and hosts, as the control plane sees them
  'guest-unobserved': ['warn', 'failed to read the state of a guest'],
  'server-follows-guest': ['info', 'changed the state of a server to the state of its guest'],
  'guest-not-stopped': [
    'warn',
    'something else than Nameplate has started or suspended the guest of a server; stopping the server, as Nova does',
  ],
  'guest-stop-withheld': ['warn', 'kept a guest running whose server is to be stopped'],
  'stale-guest-removed': ['warn', 'destroying a guest on a host that its server has left'],
  'stale-disks-removed': ['warn', 'deleting disks that no server uses'],
  'stale-removal-failed': [
    'warn',
    'failed to delete leftovers of a server; retrying with the next event of the host',
  ],
  'host-serial-unusable': ['warn', 'a host cannot give guests its own serial'],
  'host-identity-shared': ['warn', 'hosts report the same identity'],
  'stale-removal-withheld': ['warn', 'kept a guest or disks that look like leftovers'],
  'identity-recorded': ['info', 'recorded what the guest of an earlier release is known by'],
  'guest-deviates': [
    'warn',
    "a guest was started with values that Nameplate did not decide: something else changed its definition; the server's next hard reboot puts them right",
  ],
  'guest-reads-record': ['info', 'a guest that deviated was started with the recorded values again'],
  'guest-unread': ['warn', 'failed to read what a guest was started with'],
  'serial-change-pending': ['info', 'the next hard boot would change the serial of a server'],
  'ports-not-refreshed': ['warn', 'failed to let a host follow changes of ports or security groups'],
  'image-cached': ['info', 'fetched an image into the cache of a host'],
  'image-caching-failed': ['warn', 'failed to fetch an image into the cache of a host'],

  // The agent
  'host-report-failed': ['warn', 'failed to publish the host report'],
  'host-identity-doubtful': ['warn', 'the host UUID may not be unique to this host'],
  'host-identity-broken': [
    'error',
    'failed to read the serial of the host; guests that need it are refused until this is repaired',
  ],
  'resync-failed': ['warn', 'failed to publish the power of all guests again'],
  'inventory-failed': ['warn', 'failed to read the inventory of the host'],
  'event-delayed': ['warn', 'event not published, retrying'],
  'event-rejected': ['warn', 'event rejected'],
  'images-removed': ['info', 'removed unused images from the cache'],
  'image-removal-failed': ['warn', 'failed to remove unused images from the cache'],
  'disk-connection-refused': ['warn', 'refused a connection that asked for disks'],
  'disk-transfer-failed': ['warn', 'failed to send disks'],

  // libvirt
  'libvirt-waiting': ['warn', 'libvirt does not answer yet'],
  'libvirt-lost': ['warn', 'libvirt connection lost'],
  'libvirtd-starting': ['info', 'no libvirt daemon answers: starting one'],
  'libvirtd-kept': ['info', 'libvirtd keeps running for its guests'],
  'host-uuid-changes': ['warn', 'the host UUID changes whenever libvirtd starts'],
  'host-uuid-kept': [
    'info',
    'the DMI table of this machine has no UUID: libvirt uses a generated one that Nameplate stores',
  ],
  'kvm-granted': ['info', 'gave the group of QEMU access to KVM'],
  'virt-type-chosen': ['info', 'chose the virtualization type: kvm, or qemu where KVM is not usable'],
  'host-rights-excessive': ['warn', 'guests have more rights on the host than they need'],
  'qemu-img-unconfined': [
    'warn',
    'qemu-img cannot be confined on this host: only raw images, and QCOW2 images without references to other files, are accepted',
  ],

  // NATS
  'nats-restored': ['info', 'NATS connection restored'],
  'nats-lost': ['warn', 'NATS connection lost'],
  'nats-waiting': ['warn', 'waiting for NATS'],
  'nats-dialing': ['debug', 'failed to reach NATS, retrying'],
  'nats-error': ['warn', 'NATS reported an error'],
  'nats-forbidden': ['error', 'NATS refused a subject'],
  'command-malformed': ['warn', 'malformed command'],
  'reply-not-sent': ['warn', 'failed to send a reply'],
  'host-event-dropped': ['warn', 'dropped an event of a host'],
  'host-event-refused': ['error', 'refused an event of a host'],
} as const satisfies Record<string, readonly [LogLevel, message: string]>;

export type LogEvent = keyof typeof LOG_EVENTS;

/** Logs one event. `fields` name the resources concerned, and give the reason as `why`. */
export type Log = (event: LogEvent, fields?: Readonly<Record<string, unknown>>) => void;
