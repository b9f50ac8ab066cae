import { type OptionGroup, option, optionalOption } from '../option.ts';
import { absolutePath, boolean, float, integer, ipAddress, text } from '../types.ts';
import { MAX_TIMEOUT_SECONDS } from './limits.ts';

const wait = integer({ min: 0, max: MAX_TIMEOUT_SECONDS });
const interval = integer({ min: 1, max: MAX_TIMEOUT_SECONDS });

/**
 * `[DEFAULT]`: options of nova/conf/compute.py compute_opts, nova/conf/netconf.py netconf_opts,
 * nova/conf/service.py service_opts, nova/conf/availability_zone.py availability_zone_opts and
 * nova/conf/paths.py ALL_OPTS.
 */
export const defaultGroup = {
  help: 'The service as a whole, and its compute host.',
  options: {
    host: option({
      type: text({
        pattern: /^[A-Za-z0-9._-]{1,255}$/,
        accepts: 'up to 255 letters, digits, dots, hyphens and underscores',
      }),
      default: {
        compute: (surroundings) => surroundings.hostname,
        described: "the machine's host name",
      },
      help: 'Name of this compute host. Servers refer to it, so it must stay the same for the life of the host.',
    }),
    my_ip: option({
      type: ipAddress(),
      default: {
        compute: (surroundings) => surroundings.ownAddress,
        described: "the first IPv4 address of the machine that is not its loopback's",
      },
      help: 'Address of this compute host in the list of hypervisors.',
    }),
    state_path: option({
      type: absolutePath(),
      default: {
        compute: ({ environment, homeDirectory, isRoot }) => {
          if (environment.XDG_STATE_HOME?.startsWith('/')) return `${environment.XDG_STATE_HOME}/nameplate`;
          return isRoot ? '/var/lib/nameplate' : `${homeDirectory}/.local/state/nameplate`;
        },
        described:
          '`$XDG_STATE_HOME/nameplate`; without that variable `/var/lib/nameplate` for root, else `~/.local/state/nameplate`',
      },
      help: "Folder of all data of Nameplate: database, images, disks, credentials. The default is Nameplate's own.",
    }),
    instances_path: option({
      type: absolutePath(),
      default: '$state_path/instances',
      help: "Folder of the servers' disks on this compute host. QEMU must be able to access it.",
    }),
    debug: option({
      type: boolean(),
      default: 'false',
      help: 'Whether to log debug events too.',
    }),
    use_json: optionalOption({
      type: boolean(),
      help: 'Whether the log has one JSON object a line instead of text. Unset: text if standard error is a terminal, JSON otherwise. docs/log-events.md lists the events.',
    }),
    cpu_allocation_ratio: option({
      type: float({ min: 0.01 }),
      default: '4.0',
      help: "How many vCPUs servers may use for each of the host's processors. Nova has the same default through `initial_cpu_allocation_ratio`.",
    }),
    ram_allocation_ratio: option({
      type: float({ min: 0.01 }),
      default: '1.0',
      help: 'How much memory servers may use for each MiB of the host. Nova has the same default through `initial_ram_allocation_ratio`.',
    }),
    disk_allocation_ratio: option({
      type: float({ min: 0.01 }),
      default: '1.0',
      help: 'How much disk servers may use for each GiB of the host. Nova has the same default through `initial_disk_allocation_ratio`.',
    }),
    reserved_host_memory_mb: option({
      type: integer({ min: 0 }),
      default: '512',
      unit: 'MiB',
      help: 'Memory of the host that servers may not use.',
    }),
    reserved_host_disk_mb: option({
      type: integer({ min: 0 }),
      default: '0',
      unit: 'MiB',
      help: 'Disk of the host that servers may not use.',
    }),
    force_config_drive: option({
      type: boolean(),
      default: 'false',
      help: 'Whether every new server gets a config drive, even if its user did not request one.',
    }),
    resume_guests_state_on_host_boot: option({
      type: boolean(),
      default: 'false',
      help: 'Whether the agent at its start starts guests again that ran before the host went down. Such a start is a hard boot, which decides the serial anew.',
    }),
    shutdown_timeout: option({
      type: wait,
      default: '60',
      unit: 'seconds',
      help: 'How long a guest may take to shut down when its server is stopped, rebuilt or resized, before it is powered off. 0 powers it off at once.',
    }),
    report_interval: option({
      type: interval,
      default: '10',
      unit: 'seconds',
      help: "Interval of the compute host's reports.",
    }),
    service_down_time: option({
      type: interval,
      default: '60',
      unit: 'seconds',
      help: 'Time without a report after which a compute host counts as down. Must be more than `report_interval`.',
    }),
    default_availability_zone: option({
      type: text({ pattern: /^[^:\s]{1,255}$/, accepts: 'up to 255 characters, no colon, no space' }),
      default: 'nova',
      help: 'Availability zone of hosts that are in no host aggregate with a zone.',
    }),
  },
} as const satisfies OptionGroup;
