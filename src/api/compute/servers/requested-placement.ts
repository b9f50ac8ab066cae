import { Failure } from '../../../model/failure.ts';
import type { Caller } from '../../../model/identity.ts';
import { forbidden } from '../../http/access.ts';
import type { ApiDependencies } from '../../http/dependencies.ts';
import type { CreateBody } from './create-schemas.ts';

/** The requested zone and host of a server. */
interface RequestedPlacement {
  readonly availabilityZone: string | null;
  readonly host: string | null;
}

/**
 * Parses zone and host of a create. An administrator may name a host, as `zone:host` or, from 2.74, with
 * `host` or `hypervisor_hostname`. As in Nova, a host after a zone is not checked (an unknown one ends in
 * ERROR), and a host in its own field must exist.
 * @throws {Failure} `forbidden`, `invalid`
 */
export async function requestedPlacement(
  parts: ApiDependencies,
  caller: Caller,
  body: Pick<CreateBody['server'], 'availability_zone' | 'host' | 'hypervisor_hostname'>,
): Promise<RequestedPlacement> {
  const [zone = '', forced, node, ...rest] = (body.availability_zone ?? '').split(':');
  if (rest.length > 0) throw new Failure('invalid', 'Unable to parse availability_zone');
  const forcedHost = forced || node || null;
  if (forcedHost !== null && !caller.isAdmin) throw forbidden('os_compute_api:servers:create:forced_host');
  const named = body.host ?? body.hypervisor_hostname;
  if (named !== undefined && !caller.isAdmin) throw forbidden('compute:servers:create:requested_destination');
  if (named !== undefined && forcedHost !== null)
    throw new Failure(
      'invalid',
      'availability_zone with a host, and host or hypervisor_hostname, exclude each other.',
    );
  const { byName } = await parts.caches.hostFacts.current();
  const isOffered = [...byName.values()].some((host) => host.zone === zone && host.status !== 'MAINTENANCE');
  if (zone !== '' && forcedHost === null && !isOffered)
    throw new Failure('invalid', 'The requested availability zone is not available');
  const found = named === undefined ? null : hostNamed(byName, body);
  return { availabilityZone: zone === '' ? null : zone, host: found ?? forcedHost };
}

function hostNamed(
  byName: ReadonlyMap<string, { readonly hypervisorHostname: string }>,
  { host, hypervisor_hostname: node }: { host?: string; hypervisor_hostname?: string },
): string {
  const found = [...byName].find(
    ([name, facts]) =>
      (host === undefined || name === host) && (node === undefined || facts.hypervisorHostname === node),
  );
  if (found === undefined) throw new Failure('invalid', `Compute host ${host ?? node} could not be found.`);
  return found[0];
}
