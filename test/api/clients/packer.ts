import type { ClientTable } from './client-request.ts';

/** Its builder `openstack`, up to the stopped server; what follows is an image of the server. */
export const packer: ClientTable = {
  client: 'Packer',
  repository: 'hashicorp/packer-plugin-openstack',
  commit: '3562619c4b9c285bfa5e079b88c91f26b8e22cfe',
  requests: [
    {
      at: 'builder/openstack/step_load_flavor.go:38',
      ...{ service: 'compute', method: 'GET', path: '/flavors/small', status: 200 },
      needs: ['flavor.id', 'flavor.name', 'flavor.ram', 'flavor.vcpus'],
      keeps: { flavor: 'flavor.id' },
    },
    {
      at: 'builder/openstack/step_load_flavor.go:44',
      ...{ service: 'compute', method: 'GET', path: '/flavors/detail', status: 200 },
      needs: ['flavors.0.id', 'flavors.0.name'],
    },
    {
      at: 'builder/openstack/step_source_image_info.go:122',
      ...{ service: 'image', method: 'GET', path: '/images?name={imageName}', status: 200 },
      needs: ['images.0.id', 'images.0.status', 'images.0.created_at'],
      keeps: { found: 'images.0.id' },
    },
    {
      at: 'builder/openstack/step_key_pair.go:70',
      ...{ service: 'compute', method: 'POST', path: '/os-keypairs', status: 200 },
      body: { keypair: { name: 'packer_6652', public_key: '{publicKey}' } },
      needs: ['keypair.name', 'keypair.fingerprint'],
    },
    {
      at: 'builder/openstack/networks.go:147',
      ...{ service: 'network', method: 'GET', path: '/subnets', status: 200 },
      needs: ['subnets.0.cidr', 'subnets.0.network_id'],
      keeps: { network: 'subnets.0.network_id' },
    },
    {
      at: 'builder/openstack/networks.go:123',
      ...{ service: 'network', method: 'GET', path: '/networks?name=private', status: 200 },
      needs: ['networks.0.router:external'],
    },
    {
      at: 'builder/openstack/networks.go:42',
      ...{ service: 'network', method: 'GET', path: '/floatingips?status=DOWN', status: 200 },
      needs: ['floatingips'],
    },
    {
      at: 'builder/openstack/step_run_source_server.go:106',
      ...{ service: 'compute', method: 'POST', path: '/servers', status: 202 },
      body: {
        server: {
          ...{ name: 'packer', imageRef: '{found}', flavorRef: '{flavor}', key_name: 'packer_6652' },
          ...{ config_drive: false, metadata: { made: 'by packer' }, networks: [{ uuid: '{network}' }] },
          security_groups: [{ name: 'default' }],
          user_data: 'I2Nsb3VkLWNvbmZpZwo=',
        },
      },
      needs: ['server.id', 'server.adminPass'],
      keeps: { server: 'server.id' },
    },
    {
      at: 'builder/openstack/server.go:43',
      ...{ service: 'compute', method: 'GET', path: '/servers/{server}', status: 200, until: 'ACTIVE' },
      needs: ['server.progress', 'server.addresses.private.0.addr', 'server.accessIPv4'],
    },
    {
      at: 'builder/openstack/ssh.go:58',
      ...{ service: 'compute', method: 'GET', path: '/servers/{server}', status: 200 },
      needs: ['server.addresses.private.0.version', 'server.addresses.private.0.OS-EXT-IPS:type'],
    },
    {
      at: 'builder/openstack/step_get_password.go:63',
      ...{ service: 'compute', method: 'GET', path: '/servers/{server}/os-server-password', status: 200 },
      needs: ['password'],
    },
    {
      at: 'builder/openstack/step_stop_server.go:34',
      ...{ service: 'compute', method: 'POST', path: '/servers/{server}/action', status: 202 },
      body: { 'os-stop': null },
    },
    {
      at: 'builder/openstack/step_stop_server.go:51',
      ...{ service: 'compute', method: 'GET', path: '/servers/{server}', status: 200, until: 'SHUTOFF' },
    },
    {
      at: 'builder/openstack/server.go:118',
      ...{ service: 'compute', method: 'DELETE', path: '/servers/{server}', status: 204 },
    },
    {
      at: 'builder/openstack/step_key_pair.go:135',
      ...{ service: 'compute', method: 'DELETE', path: '/os-keypairs/packer_6652', status: 202 },
    },
  ],
};
