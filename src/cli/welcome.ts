import { DEMO_IMAGE, UNIQUE_FLAVOR } from './demo-cloud.ts';

/** What is said of networks, by where guests are connected. */
const NETWORKS = {
  'on this machine': `
It has an address on the network private. This machine reaches it once rules of its security group let it in:

  openstack security group rule create --protocol icmp default
  openstack security group rule create --protocol tcp --dst-port 22 default
  address=$(openstack server show -f value -c addresses s1 | grep -Eo '[0-9.]+')
  ping -c 3 $address
  ssh debian@$address   # for a server of an image with sshd, and with a key: the demo image has none
`,
  'on other hosts': '',
  none: `
Servers here have no network, and without --nic none they find no host: networks and security groups take a
libvirt daemon that runs as root.
`,
} as const;

interface WelcomeInputs {
  readonly url: string;
  /** Path of the file. */
  readonly clouds: string;
  /** Where guests get on the network `private`. */
  readonly networks: keyof typeof NETWORKS;
}

/**
 * The text on standard output when a cloud is ready, with commands for a first server if an image exists.
 * Pure.
 */
export function welcome({ url, clouds, networks }: WelcomeInputs): string {
  const nic = networks === 'on this machine' ? '' : ' --nic none';
  return `
Nameplate is ready.

  URL           ${url}
  clouds.yaml   ${clouds}   (cloud: nameplate)

The first server, in another terminal:

  export OS_CLIENT_CONFIG_FILE=${clouds} OS_CLOUD=nameplate
  openstack server create --flavor ${UNIQUE_FLAVOR} --image ${DEMO_IMAGE}${nic} --wait s1
  openstack console log show s1        # its serial …
  openstack server show -f value -c id s1   # … is its own UUID
${NETWORKS[networks]}
`;
}
