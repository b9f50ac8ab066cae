import type { ClientTable } from './client-request.ts';

const INSTANCE = 'openstack/resource_openstack_compute_instance_v2.go';
const NETWORKING = 'openstack/resource_openstack_networking';

/** Network, subnet, security group, port, key pair, data sources, and an instance without volumes. */
export const terraform: ClientTable = {
  client: 'Terraform',
  repository: 'terraform-provider-openstack/terraform-provider-openstack',
  commit: '27f261252ad269a00fb42b43778c42b820d5a642',
  requests: [
    {
      at: `${NETWORKING}_network_v2.go:269`,
      ...{ service: 'network', method: 'POST', path: '/networks', status: 201 },
      body: { network: { name: 'tf', description: '', admin_state_up: true, shared: false } },
      needs: ['network.id', 'network.status', 'network.subnets', 'network.availability_zone_hints'],
      keeps: { network: 'network.id' },
    },
    {
      at: `${NETWORKING}_network_v2.go:296`,
      ...{ service: 'network', method: 'PUT', path: '/networks/{network}/tags', status: 200 },
      body: { tags: ['tf'] },
      needs: ['tags.0'],
    },
    {
      at: `${NETWORKING}_network_v2.go:319`,
      ...{ service: 'network', method: 'GET', path: '/networks/{network}', status: 200 },
      needs: ['network.mtu', 'network.port_security_enabled', 'network.router:external', 'network.tags'],
    },
    {
      at: `${NETWORKING}_subnet_v2.go:289`,
      ...{ service: 'network', method: 'POST', path: '/subnets', status: 201 },
      body: {
        subnet: {
          ...{ network_id: '{network}', name: 'tf', cidr: '192.0.2.0/24', ip_version: 4, enable_dhcp: true },
          allocation_pools: [{ start: '192.0.2.10', end: '192.0.2.99' }],
          dns_nameservers: ['192.0.2.2'],
        },
      },
      needs: ['subnet.id', 'subnet.gateway_ip', 'subnet.host_routes', 'subnet.service_types'],
      keeps: { subnet: 'subnet.id' },
    },
    {
      at: `${NETWORKING}_subnet_v2.go:465`,
      ...{ service: 'network', method: 'PUT', path: '/subnets/{subnet}', status: 200 },
      body: { subnet: { name: 'tf2', description: '', dns_nameservers: [] } },
      needs: ['subnet.id'],
    },
    {
      at: `${NETWORKING}_secgroup_v2.go:104`,
      ...{ service: 'network', method: 'POST', path: '/security-groups', status: 201 },
      body: { security_group: { name: 'tf', description: 'made by Terraform', stateful: true } },
      needs: ['security_group.id', 'security_group.security_group_rules.0.id'],
      keeps: { group: 'security_group.id', first: 'security_group.security_group_rules.0.id' },
    },
    {
      at: `${NETWORKING}_secgroup_v2.go:119`,
      ...{ service: 'network', method: 'DELETE', path: '/security-group-rules/{first}', status: 204 },
    },
    {
      at: `${NETWORKING}_secgroup_rule_v2.go:154`,
      ...{ service: 'network', method: 'POST', path: '/security-group-rules', status: 201 },
      body: {
        security_group_rule: {
          ...{ direction: 'ingress', ethertype: 'IPv4', security_group_id: '{group}', protocol: 'tcp' },
          ...{ port_range_min: 22, port_range_max: 22, remote_ip_prefix: '198.51.100.0/24' },
        },
      },
      needs: ['security_group_rule.id'],
      keeps: { rule: 'security_group_rule.id' },
    },
    {
      at: `${NETWORKING}_secgroup_rule_v2.go:174`,
      ...{ service: 'network', method: 'GET', path: '/security-group-rules/{rule}', status: 200 },
      needs: ['security_group_rule.port_range_min', 'security_group_rule.remote_ip_prefix'],
    },
    {
      at: `${NETWORKING}_port_v2.go:396`,
      ...{ service: 'network', method: 'POST', path: '/ports', status: 201 },
      body: {
        port: {
          ...{ network_id: '{network}', name: 'tf', admin_state_up: true, security_groups: ['{group}'] },
          fixed_ips: [{ subnet_id: '{subnet}', ip_address: '192.0.2.50' }],
          port_security_enabled: true,
          'binding:vnic_type': 'normal',
        },
      },
      needs: ['port.id', 'port.mac_address', 'port.fixed_ips.0.ip_address', 'port.binding:vnic_type'],
      keeps: { port: 'port.id' },
    },
    {
      at: `${NETWORKING}_port_v2.go:422`,
      ...{ service: 'network', method: 'PUT', path: '/ports/{port}/tags', status: 200 },
      body: { tags: ['tf'] },
    },
    {
      at: `${NETWORKING}_port_v2.go:666`,
      ...{ service: 'network', method: 'PUT', path: '/ports/{port}', status: 200 },
      body: { port: { name: 'tf2' } },
      needs: ['port.name'],
    },
    {
      at: 'openstack/resource_openstack_compute_keypair_v2.go:95',
      ...{ service: 'compute', method: 'POST', path: '/os-keypairs', status: 200 },
      body: { keypair: { name: 'tf', public_key: '{publicKey}' } },
      needs: ['keypair.fingerprint'],
    },
    {
      at: 'openstack/data_source_openstack_compute_flavor_v2.go:160',
      ...{ service: 'compute', method: 'GET', path: '/flavors/detail?is_public=None', status: 200 },
      needs: ['flavors.0.id', 'flavors.0.rxtx_factor', 'flavors.0.os-flavor-access:is_public'],
      keeps: { flavor: 'flavors.0.id' },
    },
    {
      at: 'openstack/data_source_openstack_compute_flavor_v2.go:268',
      ...{ service: 'compute', method: 'GET', path: '/flavors/{flavor}/os-extra_specs', status: 200 },
      needs: ['extra_specs'],
    },
    {
      at: 'openstack/data_source_openstack_images_image_v2.go:234',
      ...{ service: 'image', method: 'GET', path: '/images?name={imageName}&sort=name%3Aasc', status: 200 },
      needs: ['images.0.id', 'images.0.checksum', 'images.0.min_disk', 'images.0.owner'],
      keeps: { image: 'images.0.id' },
    },
    {
      at: 'openstack/compute_instance_v2.go:187',
      ...{ service: 'network', method: 'GET', path: '/ports?id={port}', status: 200 },
      needs: ['ports.0.network_id'],
    },
    {
      at: 'openstack/compute_instance_v2.go:223',
      ...{ service: 'network', method: 'GET', path: '/networks?id={network}&status=ACTIVE', status: 200 },
      needs: ['networks.0.name'],
    },
    {
      at: 'openstack/data_source_openstack_networking_subnet_v2.go:257',
      ...{ service: 'network', method: 'GET', path: '/subnets?cidr=192.0.2.0%2F24', status: 200 },
      needs: ['subnets.0.allocation_pools.0.start'],
    },
    {
      at: `${INSTANCE}:585`,
      ...{ service: 'compute', method: 'POST', path: '/servers', version: '2.52', status: 202 },
      body: {
        server: {
          ...{ name: 'tf', imageRef: '{image}', flavorRef: 'small', key_name: 'tf', config_drive: false },
          ...{ networks: [{ port: '{port}' }], security_groups: [{ name: 'tf' }], tags: ['tf'] },
          ...{ metadata: { a: 'b' }, personality: [{ path: '/etc/motd', contents: 'aGVsbG8=' }] },
        },
      },
      needs: ['server.id'],
      keeps: { server: 'server.id' },
    },
    {
      at: `${INSTANCE}:1285`,
      ...{ service: 'compute', method: 'GET', path: '/servers/{server}', status: 200, until: 'ACTIVE' },
      needs: ['server.OS-EXT-AZ:availability_zone', 'server.OS-EXT-STS:power_state'],
    },
    {
      at: `${INSTANCE}:666`,
      ...{ service: 'compute', method: 'GET', path: '/servers/{server}', status: 200 },
      needs: [
        ...['server.created', 'server.updated', 'server.metadata', 'server.key_name', 'server.flavor.id'],
        ...['server.addresses.tf.0.addr', 'server.addresses.tf.0.OS-EXT-IPS-MAC:mac_addr'],
        ...['server.security_groups.0.name', 'server.image.id'],
      ],
    },
    {
      at: `${INSTANCE}:735`,
      ...{ service: 'compute', method: 'GET', path: '/flavors/small', status: 200 },
      needs: ['flavor.name'],
    },
    {
      at: `${INSTANCE}:1588`,
      ...{ service: 'image', method: 'GET', path: '/images/{image}', status: 200 },
      needs: ['name'],
    },
    {
      at: `${INSTANCE}:773`,
      ...{ service: 'compute', method: 'GET', path: '/servers/{server}/tags', version: '2.26', status: 200 },
      needs: ['tags.0'],
    },
    {
      at: `${INSTANCE}:954`,
      ...{ service: 'compute', method: 'POST', path: '/servers/{server}/metadata', status: 200 },
      body: { metadata: { c: 'd' } },
    },
    {
      at: `${INSTANCE}:985`,
      ...{ service: 'compute', method: 'POST', path: '/servers/{server}/action', status: 202 },
      body: { addSecurityGroup: { name: 'default' } },
    },
    {
      at: `${INSTANCE}:972`,
      ...{ service: 'compute', method: 'POST', path: '/servers/{server}/action', status: 202 },
      body: { removeSecurityGroup: { name: 'default' } },
    },
    {
      at: 'openstack/resource_openstack_compute_interface_attach_v2.go:108',
      ...{ service: 'compute', method: 'POST', path: '/servers/{server}/os-interface', status: 200 },
      body: { interfaceAttachment: { net_id: '{network}' } },
      needs: ['interfaceAttachment.port_id', 'interfaceAttachment.fixed_ips.0.ip_address'],
      keeps: { attached: 'interfaceAttachment.port_id' },
    },
    {
      at: 'openstack/resource_openstack_compute_interface_attach_v2.go:149',
      ...{
        service: 'compute',
        method: 'GET',
        path: '/servers/{server}/os-interface/{attached}',
        status: 200,
      },
      needs: ['interfaceAttachment.net_id'],
    },
    {
      at: `${INSTANCE}:1238`,
      ...{ service: 'compute', method: 'DELETE', path: '/servers/{server}', status: 204 },
    },
    {
      at: `${INSTANCE}:1285`,
      ...{ service: 'compute', method: 'GET', path: '/servers/{server}', status: 404, until: 'gone' },
    },
    {
      at: `${NETWORKING}_port_v2.go:696`,
      ...{ service: 'network', method: 'DELETE', path: '/ports/{port}', status: 204 },
    },
    {
      at: `${NETWORKING}_network_v2.go:468`,
      ...{ service: 'network', method: 'DELETE', path: '/networks/{network}', status: 204 },
    },
  ],
};
