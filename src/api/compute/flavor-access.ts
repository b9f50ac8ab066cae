import { Failure } from '../../model/failure.ts';
import type { Flavor } from '../../model/flavor.ts';
import type { ProjectId } from '../../model/ids.ts';
import { Type } from '../../model/schema.ts';
import type { Queries } from '../../store/promise/store.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { visibleFlavor } from './flavor-lookup.ts';
import { FlavorParams } from './flavor-schemas.ts';
import { flavorAccess, flavorAccesses } from './flavor-view.ts';

const Tenant = Type.Object(
  { tenant: Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-]*$' }) },
  { additionalProperties: false },
);
const POLICY = 'os_compute_api:os-flavor-access';

type TenantChange = (flavor: Flavor, tenant: ProjectId) => ProjectId[];

/** nova/api/openstack/compute/flavor_access.py FlavorActionController */
function accessAction(
  key: 'addTenantAccess' | 'removeTenantAccess',
  of: {
    readonly rule: string;
    readonly summary: string;
    readonly change: (context: RequestContext) => TenantChange;
  },
): Route {
  const { rule, summary, change } = of;
  return route({
    method: 'POST',
    path: '/flavors/:flavor_id/action',
    action: key,
    access: 'admin',
    policy: `${POLICY}:${rule}`,
    summary,
    schemas: { params: FlavorParams, body: Type.Object({ [key]: Tenant }, { additionalProperties: false }) },
    status: 200,
    response: flavorAccesses,
    handle(context) {
      const tenant = context.body[key]!.tenant as ProjectId;
      return context.parts.store.transaction(async (tx) => {
        if (key === 'addTenantAccess') await requireProject(tx, tenant);
        const flavor = await visibleFlavor(tx, context.caller, context.params.flavor_id);
        const access = change(context)(flavor, tenant);
        return flavorAccess(await tx.flavors.update(flavor, { access }));
      });
    },
  });
}

/** Adds a project. From 2.7 the flavor must be private. */
function addedAt({ version }: RequestContext): TenantChange {
  return (flavor, tenant) => {
    if (version >= 7 && flavor.isPublic)
      throw new Failure('conflict', 'Can not add access to a public flavor.');
    return added(flavor, tenant);
  };
}

function added(flavor: Flavor, tenant: ProjectId): ProjectId[] {
  if (flavor.access.includes(tenant))
    throw new Failure(
      'conflict',
      `Flavor access already exists for flavor ${flavor.id} and project ${tenant} combination.`,
    );
  return [...flavor.access, tenant];
}

function without(flavor: Flavor, tenant: ProjectId): ProjectId[] {
  if (!flavor.access.includes(tenant))
    throw new Failure('not-found', `Flavor access not found for ${flavor.id} / ${tenant} combination.`);
  return flavor.access.filter((project) => project !== tenant);
}

/** @throws {Failure} `invalid` when the project does not exist */
export async function requireProject(store: Queries, id: string): Promise<void> {
  if ((await store.identity.projects.find(id)) === undefined)
    throw new Failure('invalid', `Project ID ${id} is not a valid project.`);
}

/** https://docs.openstack.org/api-ref/compute/#flavors-access-flavors-os-flavor-access */
export const flavorAccessRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/flavors/:flavor_id/os-flavor-access',
    access: 'admin',
    policy: POLICY,
    summary: 'List the projects that may use a private flavor',
    schemas: { params: FlavorParams },
    status: 200,
    response: flavorAccesses,
    handle: async (context) => {
      const flavor = await visibleFlavor(context.parts.store, context.caller, context.params.flavor_id);
      if (flavor.isPublic) throw new Failure('not-found', 'Access list not available for public flavors.');
      return flavorAccess(flavor);
    },
  }),
  accessAction('addTenantAccess', {
    rule: 'add_tenant_access',
    summary: 'Let a project use a private flavor',
    change: addedAt,
  }),
  accessAction('removeTenantAccess', {
    rule: 'remove_tenant_access',
    summary: 'Let a project use a private flavor no longer',
    change: () => without,
  }),
];
