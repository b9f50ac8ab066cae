/**
 * The default microversion of clients: high enough for `--nic none`, low enough for the clients of Debian 12
 * and for key pairs that the service generates.
 */
const COMPUTE_API_VERSION = '2.90';

/**
 * The text of a `clouds.yaml` with the single cloud `nameplate`
 * (https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html). Pure.
 */
export function cloudsYaml({ url, password }: { readonly url: string; readonly password: string }): string {
  return `clouds:
  nameplate:
    auth:
      auth_url: ${url}/identity/v3
      username: admin
      password: ${JSON.stringify(password)}
      project_name: admin
      user_domain_name: Default
      project_domain_name: Default
    region_name: RegionOne
    interface: public
    identity_api_version: 3
    compute_api_version: '${COMPUTE_API_VERSION}'
    floating_ip_source: none
`;
}
