import type { ClientTable } from './client-request.ts';

const SERVICES = 'pkg/cloud/services';

/** A machine of a cluster on a network of the cluster; the cluster's router is refused, as docs say. */
export const clusterApi: ClientTable = {
  client: 'Cluster API provider OpenStack',
  repository: 'kubernetes-sigs/cluster-api-provider-openstack',
  commit: 'e52de58abe6f70f4ad3ad7f7f51632bfd70354b7',
  requests: [
    {
      at: 'pkg/clients/networking.go:461',
      ...{ service: 'network', method: 'GET', path: '/extensions', status: 200 },
      needs: ['extensions.0.alias'],
    },
    {
      at: `${SERVICES}/networking/network.go:337`,
      ...{ service: 'network', method: 'GET', path: '/networks?name=capi', status: 200 },
      needs: ['networks'],
    },
    {
      at: 'pkg/clients/networking.go:388',
      ...{ service: 'network', method: 'POST', path: '/networks', status: 201 },
      body: { network: { admin_state_up: true, name: 'capi', description: 'a cluster' } },
      needs: ['network.id', 'network.name', 'network.tags'],
      keeps: { network: 'network.id' },
    },
    {
      at: `${SERVICES}/networking/network.go:159`,
      ...{ service: 'network', method: 'PUT', path: '/networks/{network}/tags', status: 200 },
      body: { tags: ['capi'] },
    },
    {
      at: `${SERVICES}/networking/network.go:206`,
      ...{
        service: 'network',
        method: 'GET',
        path: '/subnets?cidr=10.6.0.0%2F24&network_id={network}',
        status: 200,
      },
      needs: ['subnets'],
    },
    {
      at: 'pkg/clients/networking.go:429',
      ...{ service: 'network', method: 'POST', path: '/subnets', status: 201 },
      body: {
        subnet: {
          ...{ network_id: '{network}', name: 'capi', ip_version: 4, cidr: '10.6.0.0/24' },
          ...{ dns_nameservers: ['192.0.2.2'], description: 'a cluster' },
        },
      },
      needs: ['subnet.id', 'subnet.cidr'],
      keeps: { subnet: 'subnet.id' },
    },
    {
      at: `${SERVICES}/networking/router.go:138`,
      ...{ service: 'network', method: 'GET', path: '/routers?name=capi', status: 200 },
      needs: ['routers'],
    },
    {
      at: `${SERVICES}/networking/router.go:178`,
      ...{ service: 'network', method: 'POST', path: '/routers', status: 501 },
      body: { router: { name: 'capi', description: 'a cluster' } },
      needs: ['NeutronError.message'],
    },
    {
      at: `${SERVICES}/networking/securitygroups.go:550`,
      ...{ service: 'network', method: 'GET', path: '/security-groups?name=capi', status: 200 },
      needs: ['security_groups'],
    },
    {
      at: `${SERVICES}/networking/securitygroups.go:533`,
      ...{ service: 'network', method: 'POST', path: '/security-groups', status: 201 },
      body: { security_group: { name: 'capi', description: 'Cluster API managed group' } },
      needs: ['security_group.id', 'security_group.security_group_rules.0.direction'],
      keeps: { group: 'security_group.id' },
    },
    {
      at: `${SERVICES}/networking/securitygroups.go:575`,
      ...{ service: 'network', method: 'POST', path: '/security-group-rules', status: 201 },
      body: {
        security_group_rule: {
          ...{ direction: 'ingress', description: 'Kubernetes API', ethertype: 'IPv4', protocol: 'tcp' },
          ...{ security_group_id: '{group}', port_range_min: 6443, port_range_max: 6443 },
        },
      },
      needs: ['security_group_rule.id'],
    },
    {
      at: `${SERVICES}/networking/securitygroups.go:575`,
      ...{ service: 'network', method: 'POST', path: '/security-group-rules', status: 201 },
      body: {
        security_group_rule: {
          ...{ direction: 'ingress', description: 'In-cluster', ethertype: 'IPv4' },
          ...{ security_group_id: '{group}', remote_group_id: '{group}' },
        },
      },
      needs: ['security_group_rule.remote_group_id'],
    },
    {
      at: 'pkg/clients/compute.go:115',
      ...{ service: 'compute', method: 'GET', path: '/os-availability-zone', version: '2.38', status: 200 },
      needs: ['availabilityZoneInfo.0.zoneName', 'availabilityZoneInfo.0.zoneState.available'],
    },
    {
      at: 'pkg/clients/compute.go:124',
      ...{ service: 'compute', method: 'GET', path: '/flavors/detail', version: '2.38', status: 200 },
      needs: ['flavors.0.id', 'flavors.0.name'],
    },
    {
      at: 'pkg/clients/image.go:61',
      ...{ service: 'image', method: 'GET', path: '/images?name={imageName}', status: 200 },
      needs: ['images.0.id'],
      keeps: { image: 'images.0.id' },
    },
    {
      at: 'pkg/clients/compute.go:194',
      ...{ service: 'compute', method: 'GET', path: '/os-server-groups', version: '2.38', status: 200 },
      needs: ['server_groups'],
    },
    {
      at: `${SERVICES}/networking/port.go:192`,
      ...{ service: 'network', method: 'GET', path: '/ports?name=capi-0&network_id={network}', status: 200 },
      needs: ['ports'],
    },
    {
      at: `${SERVICES}/networking/port.go:302`,
      ...{ service: 'network', method: 'POST', path: '/ports', status: 201 },
      body: {
        port: {
          ...{ network_id: '{network}', name: 'capi-0', description: 'a machine' },
          ...{ fixed_ips: [{ subnet_id: '{subnet}' }], security_groups: ['{group}'] },
        },
      },
      needs: ['port.id', 'port.name', 'port.fixed_ips.0.ip_address', 'port.mac_address'],
      keeps: { port: 'port.id', address: 'port.fixed_ips.0.ip_address' },
    },
    {
      at: `${SERVICES}/networking/service.go:68`,
      ...{ service: 'network', method: 'PUT', path: '/ports/{port}/tags', status: 200 },
      body: { tags: ['capi'] },
    },
    {
      at: `${SERVICES}/compute/instance.go:594`,
      ...{
        service: 'compute',
        method: 'GET',
        path: '/servers/detail?name=%5Ecapi-0%24',
        version: '2.38',
        status: 200,
      },
      needs: ['servers'],
    },
    {
      at: `${SERVICES}/compute/instance.go:131`,
      ...{ service: 'compute', method: 'POST', path: '/servers', version: '2.53', status: 202 },
      body: {
        server: {
          ...{ name: 'capi-0', imageRef: '{image}', flavorRef: 'small', config_drive: true, tags: ['capi'] },
          ...{ metadata: { cluster: 'capi' }, networks: [{ port: '{port}' }], user_data: 'aGVsbG8=' },
          block_device_mapping_v2: [
            {
              ...{ boot_index: 0, delete_on_termination: true, destination_type: 'local' },
              ...{ source_type: 'image', uuid: '{image}' },
            },
          ],
        },
      },
      needs: ['server.id'],
      keeps: { server: 'server.id' },
    },
    {
      at: 'pkg/clients/compute.go:158',
      ...{ service: 'compute', method: 'GET', path: '/servers/{server}', version: '2.38', status: 200 },
      until: 'ACTIVE',
      needs: [
        ...['server.status', 'server.name', 'server.addresses.capi.0.addr'],
        ...['server.addresses.capi.0.OS-EXT-IPS:type', 'server.OS-EXT-AZ:availability_zone'],
      ],
    },
    {
      at: `${SERVICES}/networking/port.go:52`,
      ...{ service: 'network', method: 'GET', status: 200 },
      path: '/ports?device_id={server}&fixed_ips=ip_address%3D{address}',
      needs: ['ports.0.id'],
    },
    {
      at: 'pkg/clients/compute.go:178',
      ...{
        service: 'compute',
        method: 'GET',
        path: '/servers/{server}/os-interface',
        version: '2.38',
        status: 200,
      },
      needs: ['interfaceAttachments.0.port_id', 'interfaceAttachments.0.fixed_ips.0.subnet_id'],
    },
    {
      at: 'pkg/clients/compute.go:187',
      ...{
        service: 'compute',
        method: 'DELETE',
        path: '/servers/{server}/os-interface/{port}',
        version: '2.38',
      },
      status: 202,
    },
    {
      at: 'pkg/clients/compute.go:151',
      ...{ service: 'compute', method: 'DELETE', path: '/servers/{server}', version: '2.38', status: 204 },
    },
    {
      at: 'pkg/clients/compute.go:158',
      ...{ service: 'compute', method: 'GET', path: '/servers/{server}', version: '2.38', status: 404 },
      until: 'gone',
    },
    {
      at: 'pkg/clients/networking.go:210',
      ...{ service: 'network', method: 'DELETE', path: '/ports/{port}', status: 204 },
    },
    {
      at: 'pkg/clients/networking.go:324',
      ...{ service: 'network', method: 'DELETE', path: '/security-groups/{group}', status: 204 },
    },
    {
      at: 'pkg/clients/networking.go:397',
      ...{ service: 'network', method: 'DELETE', path: '/networks/{network}', status: 204 },
    },
  ],
};
