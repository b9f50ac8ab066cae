import { Failure } from '../../model/failure.ts';
import { Type } from '../../model/schema.ts';
import { type Route, route } from '../http/route.ts';
import { extensions, oneExtension } from './small-shapes.ts';

/**
 * Extensions that older clients check before they use them: alias, name, description. Only those of
 * supported resources are listed.
 */
const SERVED: readonly (readonly [string, string, string])[] = [
  ['OS-DCF', 'DiskConfig', 'Disk management of servers.'],
  ['OS-EXT-AZ', 'ExtendedAvailabilityZone', 'Servers show their availability zone.'],
  ['OS-EXT-IMG-SIZE', 'ImageSize', 'Images show their size.'],
  ['OS-EXT-SRV-ATTR', 'ExtendedServerAttributes', 'Servers show their host to administrators.'],
  ['OS-EXT-STS', 'ExtendedStatus', 'Servers show their states.'],
  ['OS-FLV-DISABLED', 'FlavorDisabled', 'Flavors show whether they are disabled.'],
  ['OS-FLV-EXT-DATA', 'FlavorExtraData', 'Flavors show their ephemeral disk.'],
  ['OS-SRV-USG', 'ServerUsage', 'Servers show when they were launched and terminated.'],
  ['flavors', 'Flavors', 'Flavors.'],
  ['image-metadata', 'ImageMetadata', 'Metadata of images.'],
  ['image-size', 'ImageSize', 'Images show their size.'],
  ['images', 'Images', 'Images.'],
  ['limits', 'Limits', 'Limits of a project.'],
  ['os-availability-zone', 'AvailabilityZone', 'Availability zones.'],
  ['os-config-drive', 'ConfigDrive', 'Config drives of servers.'],
  ['os-console-output', 'ConsoleOutput', "A guest's console log."],
  ['os-extended-availability-zone', 'ExtendedAvailabilityZone', 'Servers show their availability zone.'],
  ['os-flavor-access', 'FlavorAccess', 'Flavors that are open to some projects.'],
  ['os-flavor-extra-specs', 'FlavorExtraSpecs', 'Extra specs of flavors.'],
  ['os-flavor-manage', 'FlavorManage', 'Creating and deleting flavors.'],
  ['os-hide-server-addresses', 'HideServerAddresses', 'Servers hide addresses while they are built.'],
  ['os-hosts', 'Hosts', 'Hosts, for administrators.'],
  ['os-hypervisors', 'Hypervisors', 'Hypervisors, for administrators.'],
  ['os-instance-actions', 'InstanceActions', 'What was done to a server.'],
  ['os-keypairs', 'Keypairs', 'Key pairs.'],
  ['os-lock-server', 'LockServer', 'Locking servers.'],
  ['os-migrations', 'Migrations', 'Migrations, for administrators.'],
  ['os-pause-server', 'PauseServer', 'Pausing servers.'],
  ['os-quota-class-sets', 'QuotaClasses', 'Quotas of classes.'],
  ['os-quota-sets', 'Quotas', 'Quotas of projects.'],
  ['os-server-groups', 'ServerGroups', 'Server groups.'],
  ['os-services', 'Services', 'Compute services, for administrators.'],
  ['os-simple-tenant-usage', 'SimpleTenantUsage', 'What projects have used.'],
  ['os-suspend-server', 'SuspendServer', 'Suspending servers.'],
  ['os-used-limits', 'UsedLimits', 'What is used of the limits.'],
  ['os-user-data', 'UserData', 'User data of servers.'],
  ['server-metadata', 'ServerMetadata', 'Metadata of servers.'],
  ['servers', 'Servers', 'Servers.'],
  ['versions', 'Versions', 'API versions.'],
];

const EXTENSIONS = SERVED.map(([alias, name, description]) => ({
  alias,
  name,
  description,
  links: [],
  // Nova has returned these two constants since 2014.
  namespace: 'http://docs.openstack.org/compute/ext/fake_xml',
  updated: '2014-12-03T00:00:00Z',
}));

/** https://docs.openstack.org/api-ref/compute/#extensions-extensions-deprecated */
export const extensionRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/extensions',
    access: 'reader',
    policy: 'os_compute_api:extensions',
    summary: 'List extensions',
    status: 200,
    response: extensions,
    handle: async () => ({ extensions: EXTENSIONS }),
  }),
  route({
    method: 'GET',
    path: '/extensions/:alias',
    access: 'reader',
    policy: 'os_compute_api:extensions',
    summary: 'Show an extension',
    schemas: { params: Type.Object({ alias: Type.String() }) },
    status: 200,
    response: oneExtension,
    handle: async ({ params }) => {
      const extension = EXTENSIONS.find(({ alias }) => alias === params.alias);
      if (extension === undefined) throw new Failure('not-found', 'The resource could not be found.');
      return { extension };
    },
  }),
];
