import { DEMO_IMAGE, UNIQUE_FLAVOR } from './demo-cloud.ts';

/**
 * The text on standard output when a cloud is ready, with commands for a first server if an image exists.
 * Pure.
 */
export function welcome({ url, clouds }: { readonly url: string; readonly clouds: string }): string {
  return `
Nameplate is ready.

  URL           ${url}
  clouds.yaml   ${clouds}   (cloud: nameplate)

The first server, in another terminal:

  export OS_CLIENT_CONFIG_FILE=${clouds} OS_CLOUD=nameplate
  openstack server create --flavor ${UNIQUE_FLAVOR} --image ${DEMO_IMAGE} --nic none --wait s1
  openstack console log show s1        # its serial …
  openstack server show -f value -c id s1   # … is its own UUID

`;
}
