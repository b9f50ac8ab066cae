import { type OptionGroup, option, optionalOption } from '../option.ts';
import { boolean, choice, integer, list, text, uri } from '../types.ts';
import { MAX_TIMEOUT_SECONDS } from './limits.ts';

const deviceName = text({
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  accepts: 'up to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit',
});

const machineTypeOfArch = text({
  pattern: /^[a-z0-9_]{1,32}=[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/,
  accepts: 'architecture=type, such as x86_64=pc-i440fx-7.2',
});

/**
 * `[libvirt]`: options of nova/conf/libvirt.py libvirt_general_opts, and Nameplate's own options of
 * networks.
 */
export const libvirtGroup = {
  help: 'The libvirt driver, and the serial of the guests on this compute host.',
  options: {
    sysinfo_serial: option({
      type: choice({
        none: 'the guest gets no serial at all',
        os: "the host's machine-id (`[nameplate] machine_id_file`)",
        hardware: "the host's UUID from libvirt's capabilities",
        auto: '`os` if the machine-id file exists, else `hardware`',
        unique: "the server's own UUID",
      }),
      default: 'auto',
      help: "The source of a guest's serial on this host, unless its flavor (`hw:unique_serial`) or image (`hw_unique_serial`) decides. A new value applies to a server at its next hard boot, for example a hard reboot. The default is that of the specification; Nova later changed its default to `unique`.",
    }),
    connection_uri: optionalOption({
      type: uri(['qemu', 'qemu+unix', 'qemu+tcp', 'test', 'test+unix', 'test+tcp'], 'qemu:///system'),
      help: 'URI of the libvirt daemon. Unset: `qemu:///system` as root and `qemu:///session` as another user. If no daemon answers there, Nameplate starts one.',
    }),
    virt_type: option({
      type: choice({
        auto: "`kvm` where the machine can, else `qemu`; this word is Nameplate's",
        kvm: 'hardware virtualization; a host without it cannot run guests',
        qemu: 'emulation, which works everywhere and is slow',
      }),
      default: 'auto',
      help: 'The virtualization type. Nova defaults to `kvm`, and also has `lxc` and `parallels`, which have no SMBIOS and so no serial.',
    }),
    cpu_mode: option({
      type: choice({
        'host-model': "a named CPU model close to the host's",
        'host-passthrough': "the host's CPU as it is",
        custom: 'the models of `cpu_models`',
        none: 'whatever QEMU gives',
      }),
      default: 'host-model',
      help: 'The CPU that a guest sees.',
    }),
    cpu_models: option({
      type: list(deviceName),
      default: '',
      help: 'CPU models for `cpu_mode = custom`. Only the first one is used, even if the host cannot run it. (Nova tries them in turn.) Must be set for that mode and only for it.',
    }),
    hold_cpu: option({
      type: boolean(),
      default: 'false',
      from: 'Nameplate',
      help: 'Whether a server keeps the CPU that it was first started with, whatever `cpu_mode` says later and on whatever host. A move to a host that cannot give that CPU is refused. `false`: the CPU follows `cpu_mode` of the host with each definition, as in Nova.',
    }),
    hw_machine_type: option({
      type: list(machineTypeOfArch),
      default: '',
      help: 'Machine types of new guests by architecture, such as `x86_64=pc-i440fx-7.2`, where the image does not name one (`hw_machine_type`). Unset: the default of the emulator. A server keeps the machine type that it was first defined with.',
    }),
    wait_soft_reboot_seconds: option({
      type: integer({ min: 0, max: MAX_TIMEOUT_SECONDS }),
      default: '120',
      unit: 'seconds',
      help: 'How long a guest may take to shut down at a soft reboot, before a hard reboot follows. A hard reboot decides the serial anew.',
    }),
    live_migration_completion_timeout: option({
      type: integer({ min: 0, max: MAX_TIMEOUT_SECONDS }),
      default: '800',
      unit: 'seconds',
      help: 'How long a live migration may take before `live_migration_timeout_action` follows. In Nova this is the time for each GiB of memory; here it is the total. 0: no limit.',
    }),
    live_migration_timeout_action: option({
      type: choice({
        abort: 'the migration is stopped; the guest runs on where it was',
        force_complete: 'the guest is paused until it has gone',
      }),
      default: 'abort',
      help: 'What to do with a live migration that exceeds its time limit.',
    }),
    live_migration_uri: option({
      type: text({
        pattern: /^[a-z][a-z0-9+]*:\/\/[^\s%]*%s[^\s%]*$/,
        accepts: 'a libvirt URI with %s once, where the address of the other host goes',
      }),
      default: 'qemu+tcp://%s/system',
      help: "The URI at which this host's libvirt daemon reaches the daemon of the destination of a live migration. `%s` stands for the destination's `live_migration_inbound_addr`. `qemu+tcp` needs a daemon that listens on TCP; `qemu+tls` and `qemu+ssh` need keys on both hosts.",
    }),
    live_migration_inbound_addr: optionalOption({
      type: text({
        pattern: /^[A-Za-z0-9.:_-]{1,255}$/,
        accepts: 'an IP address or a host name',
      }),
      help: "The address for live migrations to this host. Unset: `my_ip`. Nova defaults to the host's name.",
    }),
    live_migration_bandwidth: option({
      type: integer({ min: 0, max: 8_796_093_022_207 }),
      default: '0',
      unit: 'MiB/s',
      help: 'Maximum bandwidth of a live migration from this host, including disks; 0 for no limit.',
    }),
    network_type: option({
      type: choice({
        none: 'guests get no network interface',
        network: 'a libvirt network, by name',
        bridge: 'a bridge device of the host, by name',
      }),
      default: 'none',
      from: 'Nameplate',
      help: "The network of a guest's interface, unless its server requests `none`. It replaces Neutron.",
    }),
    network_name: optionalOption({
      type: deviceName,
      from: 'Nameplate',
      help: 'Name of the libvirt network or of the bridge. Must be set unless `network_type` is `none`.',
    }),
  },
} as const satisfies OptionGroup;
