import { createHash } from 'node:crypto';
import type { HostFacts } from '../../../model/host-facts.ts';
import type { HostName, ProjectId } from '../../../model/ids.ts';
import { domainNameOf, POWER_STATES, type Server, statusOf } from '../../../model/server.ts';
import type { ServerPort } from '../../../store/promise/networks.ts';
import type { Microversion } from '../../http/microversion.ts';
import { bookmarkOf, linksOf } from '../links.ts';
import { plainTimeOrNull, zonedTime } from '../times.ts';
import { addressesOf } from './addresses-view.ts';

/** The audience, the microversion and the base of links of a view. */
export interface ServerViewing {
  readonly version: Microversion;
  readonly isAdmin: boolean;
  readonly base: string;
  readonly hosts: HostFacts;
}

/** A server, and its ports in their order. */
export interface ServerWithPorts {
  readonly server: Server;
  readonly ports: readonly ServerPort[];
}

type Keys = Record<string, unknown>;

const WITH_PROGRESS: readonly string[] = [
  'ACTIVE',
  'BUILD',
  'REBUILD',
  'RESIZE',
  'VERIFY_RESIZE',
  'MIGRATING',
];
const WITH_FAULT: readonly string[] = ['ERROR', 'DELETED'];

/** A server in a brief list. */
export function briefServer(server: Pick<Server, 'id' | 'name'>, base: string): Keys {
  return { id: server.id, name: server.name, links: linksOf(base, 'servers', server.id) };
}

/**
 * A server in GET and in the detailed list (nova/api/openstack/compute/views/servers.py ViewBuilder.show).
 */
export function wholeServer(shown: ServerWithPorts, viewing: ServerViewing): Keys {
  const { server, ports } = shown;
  const groups = ports.flatMap(({ groups }) => groups.map((name) => ({ name })));
  return {
    ...core(shown, viewing),
    ...(groups.length > 0 && { security_groups: groups }),
    ...extendedStatus(server),
    ...whereabouts(server, viewing),
    ...attributes(server, viewing),
    ...sinceThen(server, viewing),
  };
}

/** From 2.71 a single server names its groups; a list does not. */
export function singleServer(shown: ServerWithPorts, viewing: ServerViewing): Keys {
  return { ...wholeServer(shown, viewing), ...groupsOf(shown.server, viewing) };
}

/** What PUT and rebuild answer: a part of the whole until 2.75 made them alike. */
export function changedServer(shown: ServerWithPorts, viewing: ServerViewing, rebuilt: boolean): Keys {
  const { version } = viewing;
  const { server } = shown;
  if (version >= 75) return singleServer(shown, viewing);
  return {
    ...core(shown, viewing),
    addresses: addressesIn(shown, { extended: false }),
    ...sinceThen(server, viewing),
    ...(rebuilt && version >= 54 && { key_name: server.keyName }),
    ...(rebuilt && version >= 57 && { user_data: server.userData }),
    ...groupsOf(server, viewing),
  };
}

function groupsOf({ groupId }: Server, { version }: ServerViewing): Keys {
  return version >= 71 ? { server_groups: groupId === null ? [] : [groupId] } : {};
}

/** Nova hides the addresses of a server that is being built (views/servers.py ViewBuilder._get_addresses). */
function addressesIn({ server, ports }: ServerWithPorts, form: { readonly extended: boolean }) {
  return server.vmState === 'building' ? {} : addressesOf(ports, form);
}

function core(shown: ServerWithPorts, viewing: ServerViewing): Keys {
  const { server } = shown;
  const { base, version } = viewing;
  const status = statusOf(server);
  return {
    id: server.id,
    name: server.name,
    status,
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: server.metadata,
    hostId: hostIdOf(server.projectId, server.host),
    image: { id: server.image.id, links: [bookmarkOf(base, 'images', server.image.id)] },
    flavor: version >= 47 ? flavorInside(server) : flavorLinked(server, base),
    created: zonedTime(server.createdAt),
    updated: zonedTime(server.updatedAt),
    addresses: addressesIn(shown, { extended: true }),
    accessIPv4: server.accessIPv4 ?? '',
    accessIPv6: server.accessIPv6 ?? '',
    links: linksOf(base, 'servers', server.id),
    'OS-DCF:diskConfig': server.diskConfig,
    ...(WITH_PROGRESS.includes(status) && { progress: server.progress }),
    ...(WITH_FAULT.includes(status) && server.fault !== null && { fault: faultOf(server.fault, viewing) }),
  };
}

function extendedStatus(server: Server): Keys {
  return {
    config_drive: server.configDrive ? 'True' : '',
    key_name: server.keyName,
    'OS-SRV-USG:launched_at': plainTimeOrNull(server.launchedAt),
    'OS-SRV-USG:terminated_at': plainTimeOrNull(server.terminatedAt),
    'OS-EXT-STS:task_state': server.taskState,
    'OS-EXT-STS:vm_state': server.vmState,
    'OS-EXT-STS:power_state': POWER_STATES[server.powerState],
    'os-extended-volumes:volumes_attached': [],
  };
}

function whereabouts(server: Server, { hosts, isAdmin, version }: ServerViewing): Keys {
  const host = server.host === null ? undefined : hosts.byName.get(server.host);
  return {
    'OS-EXT-AZ:availability_zone': host?.zone ?? server.availabilityZone ?? '',
    ...(isAdmin && {
      'OS-EXT-SRV-ATTR:host': server.host,
      'OS-EXT-SRV-ATTR:instance_name': domainNameOf(server),
      'OS-EXT-SRV-ATTR:hypervisor_hostname': host?.hypervisorHostname ?? server.host,
    }),
    ...(isAdmin && version >= 16 && { host_status: host?.status ?? '' }),
  };
}

/** Extended attributes from 2.3, for administrators. From 2.90 everybody sees the host name. */
function attributes(server: Server, { isAdmin, version }: ServerViewing): Keys {
  const hostname = version >= 90 || (isAdmin && version >= 3);
  return {
    ...(hostname && { 'OS-EXT-SRV-ATTR:hostname': server.hostname }),
    ...(isAdmin &&
      version >= 3 && {
        'OS-EXT-SRV-ATTR:reservation_id': server.reservationId,
        'OS-EXT-SRV-ATTR:launch_index': server.launchIndex,
        'OS-EXT-SRV-ATTR:kernel_id': server.image.kernelId ?? '',
        'OS-EXT-SRV-ATTR:ramdisk_id': server.image.ramdiskId ?? '',
        'OS-EXT-SRV-ATTR:root_device_name': server.host === null ? null : '/dev/vda',
        'OS-EXT-SRV-ATTR:user_data': server.userData,
      }),
  };
}

function sinceThen(server: Server, { version }: ServerViewing): Keys {
  return {
    ...(version >= 9 && { locked: server.locked !== null }),
    ...(version >= 19 && { description: server.description }),
    ...(version >= 26 && { tags: server.tags }),
    ...(version >= 63 && { trusted_image_certificates: null }),
    ...(version >= 73 && { locked_reason: server.lockedReason }),
  };
}

function flavorLinked({ flavor }: Server, base: string): Keys {
  return { id: flavor.id, links: [bookmarkOf(base, 'flavors', flavor.id)] };
}

function flavorInside({ flavor }: Server): Keys {
  return {
    vcpus: flavor.vcpus,
    ram: flavor.ramMb,
    disk: flavor.rootGb,
    ephemeral: flavor.ephemeralGb,
    swap: flavor.swapMb,
    original_name: flavor.name,
    extra_specs: flavor.extraSpecs,
  };
}

/**
 * The details have the operator's text, so only administrators see them. Nova also shows them to users
 * unless the code is 500.
 */
function faultOf(fault: NonNullable<Server['fault']>, { isAdmin }: ServerViewing): Keys {
  const { code, message, details, createdAt } = fault;
  const showsDetails = details !== '' && isAdmin;
  return { code, created: zonedTime(createdAt), message, ...(showsDetails && { details }) };
}

/**
 * Equal for servers of one project on one host, without revealing the host (nova/utils.py generate_hostid).
 */
export function hostIdOf(projectId: ProjectId, host: HostName | null): string {
  return host === null ? '' : createHash('sha224').update(projectId).update(host).digest('hex');
}
