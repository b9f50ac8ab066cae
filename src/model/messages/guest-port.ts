import type { GuestAddress, GuestPort, GuestRule } from '../network/guest-port.ts';
import type { HostRoute, NetworkKind } from '../network/network.ts';
import { Type } from '../schema.ts';
import { count, exactly, line, list, nullable, oneOf, text, UUID } from './primitives.ts';

const KINDS: readonly NetworkKind[] = ['nat', 'flat'];
/** An IP address: only what can be in one, as it goes into definitions. */
const IP = Type.String({ pattern: '^[0-9a-f.:]{2,45}$' });
const CIDR = Type.String({ pattern: '^[0-9a-f.:]{2,45}/[0-9]{1,3}$' });
/** Six bytes in lower-case hexadecimal with colons. */
export const MAC_ADDRESS = Type.String({ pattern: '^[0-9a-f]{2}(:[0-9a-f]{2}){5}$' });
/** A host name or a domain in DNS, which may be empty. */
const DNS_NAME = Type.String({ pattern: '^[0-9A-Za-z._-]{0,255}$' });

/** Far more than anybody has on one port. */
const MOST = 1_000;

const ADDRESS = exactly<GuestAddress>({
  subnetId: UUID,
  version: Type.Union([Type.Literal(4), Type.Literal(6)]),
  address: IP,
  cidr: CIDR,
  gateway: nullable(IP),
  dhcp: Type.Boolean(),
  dns: list(IP, MOST),
  routes: list(exactly<HostRoute>({ destination: CIDR, nexthop: IP }), MOST),
});

const RULE = exactly<GuestRule>({
  direction: oneOf(['ingress', 'egress']),
  ethertype: oneOf(['IPv4', 'IPv6']),
  protocol: nullable(line(64)),
  portRangeMin: nullable(count(65_535)),
  portRangeMax: nullable(count(65_535)),
  remotes: nullable(list(CIDR, 100_000)),
});

/** All that a host needs to know of a port. */
export const GUEST_PORT = exactly<GuestPort>({
  id: UUID,
  mac: MAC_ADDRESS,
  network: exactly<GuestPort['network']>({
    id: UUID,
    name: text(1024),
    kind: oneOf(KINDS),
    physicalNetwork: nullable(line(255)),
    mtu: Type.Integer({ minimum: 68, maximum: 65_535 }),
    dnsDomain: DNS_NAME,
    subnets: list(
      exactly<GuestPort['network']['subnets'][number]>({
        id: UUID,
        cidr: CIDR,
        gateway: nullable(IP),
        dhcp: Type.Boolean(),
        dns: list(IP, MOST),
      }),
      MOST,
    ),
  }),
  addresses: list(ADDRESS, MOST),
  hostname: DNS_NAME,
  tag: nullable(text(255)),
  rules: nullable(list(RULE, 10_000)),
});

/** The ports of a guest. */
export const GUEST_PORTS = list(GUEST_PORT, MOST);
