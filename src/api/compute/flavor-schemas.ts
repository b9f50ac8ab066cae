import { Type } from '../../model/schema.ts';
import { BooleanSchema, DescriptionSchema, IntegerSchema, LimitSchema, NameSchema } from './field-schemas.ts';

/** nova/api/openstack/compute/schemas/flavors.py VALID_SORT_KEYS, create, update */

/** Values of `sort_key`, with the fields of a flavor. */
export const FLAVOR_SORT_KEYS = [
  'created_at',
  'description',
  'disabled',
  'ephemeral_gb',
  'flavorid',
  'id',
  'is_public',
  'memory_mb',
  'name',
  'root_gb',
  'rxtx_factor',
  'swap',
  'updated_at',
  'vcpu_weight',
  'vcpus',
] as const;

export const FlavorParams = Type.Object({ flavor_id: Type.String() });

export const FlavorQuery = Type.Object({
  limit: Type.Optional(LimitSchema),
  marker: Type.Optional(Type.String()),
  is_public: Type.Optional(Type.String()),
  minRam: Type.Optional(Type.String()),
  minDisk: Type.Optional(Type.String()),
  sort_key: Type.Optional(Type.Enum(FLAVOR_SORT_KEYS)),
  sort_dir: Type.Optional(Type.Enum(['asc', 'desc'])),
});

const DESCRIPTION = DescriptionSchema(65_535);

const created = {
  name: NameSchema,
  id: Type.Optional(
    Type.Unsafe<string | number | null>({
      type: ['string', 'number', 'null'],
      minLength: 1,
      maxLength: 255,
      pattern: '^(?! )[a-zA-Z0-9. _-]+(?<! )$',
    }),
  ),
  ram: IntegerSchema({ minimum: 1 }),
  vcpus: IntegerSchema({ minimum: 1 }),
  disk: IntegerSchema({ minimum: 0 }),
  'OS-FLV-EXT-DATA:ephemeral': Type.Optional(IntegerSchema({ minimum: 0 })),
  swap: Type.Optional(IntegerSchema({ minimum: 0 })),
  rxtx_factor: Type.Optional(
    Type.Unsafe<number | string>({
      type: ['number', 'string'],
      pattern: '^[0-9]+(\\.[0-9]+)?$',
      exclusiveMinimum: 0,
      maximum: 3.40282e38,
    }),
  ),
  'os-flavor-access:is_public': Type.Optional(BooleanSchema),
};

const closed = { additionalProperties: false } as const;

export const CreateFlavor = Type.Object({ flavor: Type.Object(created, closed) }, closed);

/** From 2.55, with a description. */
export const CreateDescribedFlavor = Type.Object(
  { flavor: Type.Object({ ...created, description: Type.Optional(DESCRIPTION) }, closed) },
  closed,
);

export const UpdateFlavor = Type.Object(
  { flavor: Type.Object({ description: DESCRIPTION }, closed) },
  closed,
);
