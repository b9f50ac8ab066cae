import { type OptionGroup, option, optionalOption } from '../option.ts';
import { absolutePath, choice, guestBlock, integer, listenAddress, port, uri } from '../types.ts';

/** `[nameplate]`: what has no counterpart in Nova. */
export const nameplateGroup = {
  help: 'What has no counterpart in Nova.',
  options: {
    driver: option({
      type: choice({
        libvirt: 'real guests on a libvirt daemon',
        simulated:
          'the same promise and the same state rules, but no guests: for trying clients and for load',
      }),
      default: 'libvirt',
      from: 'Nameplate',
      help: 'What runs the guests of this compute host.',
    }),
    listen: option({
      type: listenAddress(),
      default: '127.0.0.1:8774',
      from: 'Nameplate',
      help: 'Where the HTTP APIs listen. Port 0 takes any free port.',
    }),
    public_url: optionalOption({
      type: uri(['http', 'https'], 'https://cloud.example.org'),
      from: 'Nameplate',
      help: 'The URL under which clients reach the APIs, for the catalog and for links. Unset: made from the address that is listened on.',
    }),
    disk_port: option({
      type: port(),
      default: '0',
      from: 'Nameplate',
      help: 'Where the agents of other hosts fetch the disks of servers that move, at `my_ip`. It is listened on only while there is something to fetch, and whoever connects needs a key made for that one move. 0 takes any free port.',
    }),
    max_image_disk_gb: option({
      type: integer({ min: 1, max: 1024 * 1024 }),
      default: '256',
      unit: 'GiB',
      from: 'Nameplate',
      help: 'The largest disk that an image may hold when its flavor does not say how large the root disk is (`disk` 0). With other flavors their root disk is the limit.',
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
      help: "The host's machine-id, for `[libvirt] sysinfo_serial = os` and `auto`. For agents in containers, which see a machine-id that is not the host's.",
    }),
  },
} as const satisfies OptionGroup;
