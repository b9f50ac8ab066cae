import { Failure } from '../../model/failure.ts';
import type { Caller } from '../../model/identity.ts';
import type { ProjectId } from '../../model/ids.ts';

/** Attributes that name a resource's project, in a request. */
interface Owned {
  readonly project_id?: string;
  readonly tenant_id?: string;
}

/**
 * The project that a new resource is for: the caller's own, or any that an administrator names
 * (neutron_lib/api/attributes.py _validate_privileges, populate_project_info).
 * @throws {Failure} `invalid`
 */
export function ownerOf({ project_id, tenant_id }: Owned, caller: Caller): ProjectId {
  if (project_id !== undefined && tenant_id !== undefined && project_id !== tenant_id)
    throw new Failure('invalid', "'project_id' and 'tenant_id' do not match");
  const named = project_id ?? tenant_id;
  if (named !== undefined && named !== caller.projectId && !caller.isAdmin)
    throw new Failure(
      'invalid',
      "Specifying 'project_id' other than the authenticated project in request requires admin privileges",
    );
  return (named ?? caller.projectId) as ProjectId;
}
