import { Failure } from '../../../model/failure.ts';
import type { CreateBody } from './create-schemas.ts';

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/**
 * There is no network service: `none`, `auto` and no list are taken, a network that is named is not found,
 * and `default` is the one security group that there is.
 * @throws {Failure} `invalid`, in Nova's words
 */
export function requireNoNetworks({
  networks,
  security_groups: groups,
}: Pick<CreateBody['server'], 'networks' | 'security_groups'>): void {
  if (Array.isArray(networks))
    for (const { uuid, port } of networks) {
      if (port !== undefined && port !== null)
        throw new Failure('invalid', `Port ${port} could not be found.`);
      if (uuid !== undefined && !UUID.test(uuid))
        throw new Failure('invalid', `Bad networks format: network uuid is not in proper format (${uuid})`);
      throw new Failure('invalid', `Network ${uuid ?? ''} could not be found.`);
    }
  const other = groups?.find(({ name }) => name !== 'default');
  if (other !== undefined)
    throw new Failure('invalid', `Unable to find security_group with name or id '${other.name}'`);
}
