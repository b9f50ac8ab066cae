import { Failure } from '../../model/failure.ts';
import { Type } from '../../model/schema.ts';
import { type Route, route } from '../http/route.ts';
import { anything, listOf, object, text } from '../http/shape.ts';

interface Extension {
  readonly alias: string;
  readonly name: string;
  readonly description: string;
}

/**
 * Neutron's extensions of which everything that a client would use is here: clients look for an alias before
 * they use what it stands for. What an extension would add and is not built stands in no alias.
 */
const EXTENSIONS: readonly Extension[] = [
  {
    alias: 'agent',
    name: 'agent',
    description: 'The agents of compute hosts, which connect guests to networks',
  },
  { alias: 'availability_zone', name: 'Availability Zone', description: 'Availability zones of hosts' },
  {
    alias: 'binding',
    name: 'Port Binding',
    description: 'Where a port is connected, for administrators',
  },
  { alias: 'external-net', name: 'Neutron external network', description: 'No network is external' },
  {
    alias: 'filter-validation',
    name: 'Filter parameters validation',
    description: 'A list refuses a filter that it does not know',
  },
  { alias: 'net-mtu', name: 'Network MTU', description: 'Networks have an MTU' },
  {
    alias: 'net-mtu-writable',
    name: 'Network MTU (writable)',
    description: 'The MTU of a network can be chosen',
  },
  {
    alias: 'network_availability_zone',
    name: 'Network Availability Zone',
    description: 'Networks show the availability zones that they are in',
  },
  { alias: 'pagination', name: 'Pagination support', description: 'Lists are given in pages' },
  {
    alias: 'port-security',
    name: 'Port Security',
    description: 'Anti-spoofing and security groups of a port can be switched off',
  },
  {
    alias: 'port-security-groups-filtering',
    name: 'Port filtering on security groups',
    description: 'Ports can be listed by their security groups',
  },
  { alias: 'project-id', name: 'project_id field enabled', description: 'Resources have project_id' },
  {
    alias: 'provider',
    name: 'Provider Network',
    description: 'How a network reaches its hosts, for administrators',
  },
  { alias: 'quotas', name: 'Quota management support', description: 'Quotas of projects' },
  {
    alias: 'quota-check-limit-default',
    name: 'Quota engine limit check by default',
    description: 'A quota is not set below what is used, unless it is forced',
  },
  {
    alias: 'quota_details',
    name: 'Quota details management support',
    description: 'Quotas with what is used of them',
  },
  {
    alias: 'revision-if-match',
    name: 'If-Match constraints based on revision_number',
    description: 'A change can name the revision that it is for',
  },
  { alias: 'security-group', name: 'security-group', description: 'Security groups and their rules' },
  { alias: 'sorting', name: 'Sorting support', description: 'Lists can be sorted' },
  {
    alias: 'standard-attr-description',
    name: 'standard-attr-description',
    description: 'Resources have a description',
  },
  {
    alias: 'standard-attr-revisions',
    name: 'Resource revision numbers',
    description: 'Resources have a revision number',
  },
  {
    alias: 'standard-attr-tag',
    name: 'Tag support for resources with standard attribute: network, port, security_group, subnet',
    description: 'Resources have tags, and can be listed by them',
  },
  {
    alias: 'standard-attr-timestamp',
    name: 'Resource timestamps',
    description: 'Resources have the times of their creation and last change',
  },
  {
    alias: 'tag-ports-during-bulk-creation',
    name: 'Tag Ports During Bulk Creation',
    description: 'Ports can be created with tags',
  },
];

/** When the list of extensions last changed, for all of them. */
const UPDATED = '2026-11-28T00:00:00-00:00';

const shape = object(
  { alias: text, name: text, description: text, updated: text, links: listOf(anything) },
  'NetworkExtension',
);
const params = Type.Object({ alias: Type.String() });

/** `/extensions` (neutron/api/extensions.py ExtensionController). */
export const extensionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v2.0/extensions',
    access: 'reader',
    policy: 'get_extension',
    summary: 'List extensions',
    status: 200,
    response: object({ extensions: listOf(shape) }),
    handle: async () => ({ extensions: EXTENSIONS.map(viewOf) }),
  }),
  route({
    method: 'GET',
    path: '/v2.0/extensions/:alias',
    access: 'reader',
    policy: 'get_extension',
    summary: 'Show an extension',
    schemas: { params },
    status: 200,
    response: object({ extension: shape }),
    handle: async ({ params: { alias } }) => {
      const extension = EXTENSIONS.find((each) => each.alias === alias);
      if (extension === undefined)
        throw new Failure('not-found', `Extension with alias ${alias} does not exist`);
      return { extension: viewOf(extension) };
    },
  }),
];

function viewOf(extension: Extension): object {
  return { ...extension, updated: UPDATED, links: [] };
}
