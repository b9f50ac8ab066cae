import { Failure } from '../../../model/failure.ts';
import type { Caller } from '../../../model/identity.ts';
import type { ServerGroup } from '../../../model/server-group.ts';
import type { Queries } from '../../../store/promise/store.ts';
import { notImplemented } from '../../http/failures.ts';
import type { CreateBody, Hints } from './create-schemas.ts';

/**
 * Hints of filters that Nameplate does not have. Nova ignores them unless their filters are enabled; here
 * they are refused, because they would have no effect. Other hints are ignored, as in Nova: also
 * `query`, whose filter Nova leaves off by default.
 */
const NOT_BUILT = ['same_host', 'different_host', 'build_near_host_ip'];

/** The scheduler hints of the body. @throws {Failure} `not-implemented` */
export function hintsOf(body: CreateBody): Hints {
  const hints = body['os:scheduler_hints'] ?? body['OS-SCH-HNT:scheduler_hints'] ?? {};
  const unbuilt = NOT_BUILT.find((name) => Object.hasOwn(hints, name));
  if (unbuilt !== undefined) throw notImplemented(`The scheduler hint ${unbuilt}`);
  return hints;
}

/**
 * The server group of a hint: one of the caller's project, or any for an administrator.
 * @throws {Failure} `invalid`, also for a missing group, which is an error of the body
 */
export async function groupHinted(
  store: Queries,
  caller: Caller,
  { group: hint }: Hints,
): Promise<ServerGroup | null> {
  const [id, ...more] = Array.isArray(hint) ? (hint as unknown[]) : [hint];
  if (id === undefined || id === null || id === '') return null;
  const group = typeof id === 'string' ? await store.groups.find(id.toLowerCase()) : undefined;
  const isOwn = group !== undefined && (caller.isAdmin || group.projectId === caller.projectId);
  if (!isOwn || more.length > 0)
    throw new Failure('invalid', `Instance group ${String(id).slice(0, 255)} could not be found.`);
  return group;
}
