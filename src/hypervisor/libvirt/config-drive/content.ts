import type { GuestPlan } from '../../../model/guest.ts';
import type { InjectedFile } from '../../../model/injected-file.ts';
import { macAddressOf } from '../xml/mac-address.ts';
import { networkData } from './network-data.ts';

/**
 * Versions of the OpenStack metadata format, with their additions (nova/api/metadata/base.py
 * OPENSTACK_VERSIONS).
 */
const OPENSTACK_VERSIONS = [
  '2012-08-10',
  '2013-04-04',
  '2013-10-17',
  '2015-10-15',
  '2016-06-30',
  '2016-10-06',
  '2017-02-22',
  '2018-08-27',
  '2020-10-14',
  'latest',
] as const;
const EC2_VERSIONS = ['2009-04-04', 'latest'] as const;
const VENDOR_DATA_SINCE = '2013-10-17';
const NETWORK_DATA_SINCE = '2015-10-15';
const VENDOR_DATA2_SINCE = '2016-10-06';

/** Content of the drive that is not in the plan. */
export interface ConfigDriveFacts {
  /** Whether the guest has a network interface. */
  readonly hasInterface: boolean;
  /** base64 */
  readonly randomSeed: string;
}

function metaData(plan: GuestPlan, randomSeed: string): unknown {
  const hasKey = plan.keyName !== null && plan.keyPublic !== null;
  const key = { name: plan.keyName, type: plan.keyType ?? 'ssh', data: plan.keyPublic };
  return {
    uuid: plan.serverId,
    name: plan.displayName,
    hostname: plan.hostname,
    launch_index: plan.launchIndex,
    availability_zone: plan.availabilityZone,
    project_id: plan.projectId,
    ...(Object.keys(plan.metadata).length === 0 ? {} : { meta: plan.metadata }),
    ...(plan.files !== undefined && { files: plan.files.map(placedFile) }),
    ...(hasKey ? { public_keys: { [String(plan.keyName)]: plan.keyPublic }, keys: [key] } : {}),
    random_seed: randomSeed,
    devices: taggedDevices(plan),
    dedicated_cpus: [],
  };
}

/** nova/api/metadata/base.py InstanceMetadata.__init__ */
function placedFile({ path }: InjectedFile, index: number): object {
  return { path, content_path: `/${contentPath(index)}` };
}

function contentPath(index: number): string {
  return `content/${String(index).padStart(4, '0')}`;
}

/** Nova says `none` where it does not know the bus of a device. */
function taggedDevices({ ports = [] }: GuestPlan): object[] {
  return ports.flatMap(({ mac, tag }) =>
    tag === null ? [] : [{ type: 'nic', bus: 'none', address: 'none', mac, tags: [tag] }],
  );
}

/** Of a server that an earlier release made: it has no ports, and its MAC follows from its id. */
function networkDataWithoutPorts(plan: GuestPlan, hasInterface: boolean): unknown {
  if (!hasInterface) return { links: [], networks: [], services: [] };
  const link = {
    id: 'tap0',
    type: 'phy',
    ethernet_mac_address: macAddressOf(plan.serverId),
    mtu: null,
    vif_id: plan.serverId,
  };
  return {
    links: [link],
    networks: [{ id: 'network0', type: 'ipv4_dhcp', link: link.id, network_id: plan.serverId }],
    services: [],
  };
}

function ec2MetaData(plan: GuestPlan): unknown {
  return {
    'instance-id': `i-${plan.domainName.replace(/^instance-/, '')}`,
    'ami-launch-index': plan.launchIndex,
    hostname: plan.hostname,
    'local-hostname': plan.hostname,
    'reservation-id': plan.reservationId,
    'instance-type': plan.flavor.name,
    placement: { 'availability-zone': plan.availabilityZone },
    ...(plan.keyName === null || plan.keyPublic === null
      ? {}
      : { 'public-keys': { 0: { 'openssh-key': plan.keyPublic, _name: `0=${plan.keyName}` } } }),
  };
}

/**
 * The files of a config drive by path, in the format of cloud-init (nova/api/metadata/base.py
 * metadata_for_config_drive).
 */
export function configDriveFiles(plan: GuestPlan, facts: ConfigDriveFacts): Map<string, string | Buffer> {
  const files = new Map<string, string | Buffer>();
  const userData = plan.userData === null ? null : Buffer.from(plan.userData, 'base64');
  const meta = JSON.stringify(metaData(plan, facts.randomSeed));
  const network = JSON.stringify(
    plan.ports === undefined ? networkDataWithoutPorts(plan, facts.hasInterface) : networkData(plan.ports),
  );
  for (const version of OPENSTACK_VERSIONS) {
    files.set(`openstack/${version}/meta_data.json`, meta);
    if (userData !== null) files.set(`openstack/${version}/user_data`, userData);
    if (version >= VENDOR_DATA_SINCE) files.set(`openstack/${version}/vendor_data.json`, '{}');
    if (version >= NETWORK_DATA_SINCE) files.set(`openstack/${version}/network_data.json`, network);
    if (version >= VENDOR_DATA2_SINCE) files.set(`openstack/${version}/vendor_data2.json`, '{}');
  }
  for (const [index, { contents }] of (plan.files ?? []).entries())
    files.set(`openstack/${contentPath(index)}`, Buffer.from(contents, 'base64'));
  for (const version of EC2_VERSIONS) {
    files.set(`ec2/${version}/meta-data.json`, JSON.stringify(ec2MetaData(plan)));
    if (userData !== null) files.set(`ec2/${version}/user-data`, userData);
  }
  return files;
}
