import { refuseSerialNearMiss, validateExtraSpec } from '../../model/extra-spec.ts';
import { Failure } from '../../model/failure.ts';
import type { Flavor } from '../../model/flavor.ts';
import { Type } from '../../model/schema.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { visibleFlavor } from './flavor-lookup.ts';
import { FlavorParams } from './flavor-schemas.ts';
import { extraSpec, extraSpecSent, extraSpecsSent, extraSpecsShape } from './small-shapes.ts';

/**
 * Names and values by Nova's schema (schemas/flavors_extraspecs.py): text, or a number that is stored as
 * text.
 */
const specs = {
  type: 'object',
  maxProperties: 256,
  patternProperties: { '^[a-zA-Z0-9-_:. ]{1,255}$': { type: ['string', 'number'], maxLength: 255 } },
  additionalProperties: false,
};
type Specs = Record<string, string | number>;
const CreateSpecs = Type.Object({ extra_specs: Type.Unsafe<Specs>(specs) }, { additionalProperties: false });
const UpdateSpec = Type.Unsafe<Specs>({ ...specs, minProperties: 1, maxProperties: 1 });
const SpecParams = Type.Object({ flavor_id: Type.String(), key: Type.String() });

/** From this microversion unknown names in known namespaces are refused. */
const STRICT_NAMES_SINCE = 86;

const POLICY = 'os_compute_api:os-flavor-extra-specs';

/**
 * Adds extra specs to the flavor. Values that decide a serial are checked at every microversion, so that a
 * value that no server can use is never stored.
 */
async function add(context: RequestContext<{ flavor_id: string }>, asked: Specs): Promise<void> {
  const strictNames = context.version >= STRICT_NAMES_SINCE;
  const added = Object.fromEntries(Object.entries(asked).map(([key, value]) => [key, String(value)]));
  for (const [key, value] of Object.entries(added)) {
    refuseSerialNearMiss(key);
    validateExtraSpec({ key, value, strictNames });
  }
  await change(context, (flavor) => ({ ...flavor.extraSpecs, ...added }));
}

async function change(
  context: RequestContext<{ flavor_id: string }>,
  next: (flavor: Flavor) => Readonly<Record<string, string>>,
): Promise<void> {
  await context.parts.store.transaction(async (tx) => {
    const flavor = await visibleFlavor(tx, context.caller, context.params.flavor_id);
    await tx.flavors.update(flavor, { extraSpecs: next(flavor) });
  });
}

function specOf(flavor: Flavor, key: string): string {
  const value = Object.hasOwn(flavor.extraSpecs, key) ? flavor.extraSpecs[key] : undefined;
  if (value === undefined)
    throw new Failure('not-found', `Flavor ${flavor.id} has no extra specs with key ${key}.`);
  return value;
}

/** https://docs.openstack.org/api-ref/compute/#flavors-extra-specs-flavors-os-flavor-extra-specs */
export const extraSpecRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/flavors/:flavor_id/os-extra_specs',
    access: 'reader',
    policy: `${POLICY}:index`,
    summary: "List a flavor's extra specs",
    schemas: { params: FlavorParams },
    status: 200,
    response: extraSpecsShape,
    handle: async ({ parts, caller, params }) => ({
      extra_specs: (await visibleFlavor(parts.store, caller, params.flavor_id)).extraSpecs,
    }),
  }),
  route({
    method: 'POST',
    path: '/flavors/:flavor_id/os-extra_specs',
    access: 'admin',
    policy: `${POLICY}:create`,
    summary:
      "Add extra specs to a flavor, or change them; `hw:unique_serial`'s words are checked at every microversion",
    schemas: { params: FlavorParams, body: CreateSpecs },
    status: 200,
    response: extraSpecsSent,
    handle: async (context) => {
      await add(context, context.body.extra_specs);
      return context.body;
    },
  }),
  route({
    method: 'GET',
    path: '/flavors/:flavor_id/os-extra_specs/:key',
    access: 'reader',
    policy: `${POLICY}:show`,
    summary: 'Show one extra spec',
    schemas: { params: SpecParams },
    status: 200,
    response: extraSpec,
    handle: async ({ parts, caller, params }) => ({
      [params.key]: specOf(await visibleFlavor(parts.store, caller, params.flavor_id), params.key),
    }),
  }),
  route({
    method: 'PUT',
    path: '/flavors/:flavor_id/os-extra_specs/:key',
    access: 'admin',
    policy: `${POLICY}:update`,
    summary: 'Set one extra spec',
    schemas: { params: SpecParams, body: UpdateSpec },
    status: 200,
    response: extraSpecSent,
    handle: async (context) => {
      if (!Object.hasOwn(context.body, context.params.key))
        throw new Failure('invalid', 'Request body and URI mismatch');
      await add(context, context.body);
      return context.body;
    },
  }),
  route({
    method: 'DELETE',
    path: '/flavors/:flavor_id/os-extra_specs/:key',
    access: 'admin',
    policy: `${POLICY}:delete`,
    summary: 'Delete one extra spec',
    schemas: { params: SpecParams },
    status: 200,
    response: 'nothing',
    handle: async (context) => {
      const { key } = context.params;
      await change(context, (flavor) => {
        specOf(flavor, key);
        const { [key]: _, ...rest } = flavor.extraSpecs;
        return rest;
      });
      return undefined;
    },
  }),
];
