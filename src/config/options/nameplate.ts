import { type OptionGroup, option, optionalOption } from '../option.ts';
import { absolutePath, choice, guestBlock, integer, listenAddress, port, uri } from '../types.ts';

/** `[nameplate]`: options without a counterpart in Nova. */
export const nameplateGroup = {
  help: 'Options without a counterpart in Nova.',
  options: {
    driver: option({
      type: choice({
        libvirt: 'real guests on a libvirt daemon',
        simulated:
          'the same promise and the same state rules, but no guests: for trying clients and for load',
      }),
      default: 'libvirt',
      from: 'Nameplate',
      help: 'The hypervisor driver of this compute host.',
    }),
    listen: option({
      type: listenAddress(),
      default: '127.0.0.1:8774',
      from: 'Nameplate',
      help: 'The address on which the HTTP APIs listen. Port 0 uses any free port.',
    }),
    public_url: optionalOption({
      type: uri(['http', 'https'], 'https://cloud.example.org'),
      from: 'Nameplate',
      help: 'The URL of the APIs for clients, in the catalog and in links. Unset: derived from the address of `listen`.',
    }),
    disk_port: option({
      type: port(),
      default: '0',
      from: 'Nameplate',
      help: 'The port, at `my_ip`, from which agents of other hosts fetch the disks of servers that move. The agent listens only while a move needs it, and a client needs a key that is valid for that one move. 0 uses any free port.',
    }),
    max_image_disk_gb: option({
      type: integer({ min: 1, max: 1024 * 1024 }),
      default: '256',
      unit: 'GiB',
      from: 'Nameplate',
      help: "Maximum size of an image's disk if its flavor sets no size of the root disk (`disk` 0). For other flavors the size of the root disk is the limit.",
    }),
    first_network_cidr: option({
      type: guestBlock(),
      default: '10.114.0.0/20',
      from: 'Nameplate',
      help: 'Addresses of the shared network `private`, which the first start makes: guests reach the outside through their host, which has the first address. `none`: no such network is made. With `[libvirt] network_type` the network is the one named there, and has no addresses of ours. The network is made once: afterwards it is changed and deleted over the Network API.',
    }),
    machine_id_file: option({
      type: absolutePath(),
      default: '/etc/machine-id',
      from: 'Nameplate',
      help: "The host's machine-id file, for `[libvirt] sysinfo_serial = os` and `auto`. Set it for agents in containers, whose own machine-id differs from the host's.",
    }),
  },
} as const satisfies OptionGroup;
