import type { Static, TProperties } from 'typebox';
import { Type } from '../../../model/schema.ts';
import type { Microversion } from '../../http/microversion.ts';
import { BooleanSchema, DescriptionSchema, FqdnSchema, IntegerSchema, NameSchema } from '../field-schemas.ts';
import { accessAddressSchemas } from './access-addresses.ts';
import {
  AdminPassSchema,
  DiskConfigSchema,
  FlavorRefSchema,
  HostnameSchema,
  ImageReferenceSchema,
  IpAddressSchema,
  KeyNameSchema,
  MetadataSchema,
  PersonalitySchema,
  TagSchema,
  TagsSchema,
  UserDataSchema,
} from './field-schemas.ts';

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;
const HINTS = optional(Type.Unsafe<Hints>({ type: 'object', additionalProperties: true }));
const CountWord = IntegerSchema({ minimum: 1 });

/** Scheduler hints; `scheduler-hints.ts` decides which are supported. */
export interface Hints {
  readonly group?: unknown;
}

/** A requested network, with the fields of all microversions. */
export interface RequestedNetwork {
  readonly uuid?: string;
  readonly port?: string | null;
  readonly fixed_ip?: string;
  readonly tag?: string;
}

export type RequestedNetworks = readonly RequestedNetwork[] | 'none' | 'auto';

/** One line of a block device mapping. Which lines are taken is said in `boot-source.ts`. */
export interface RequestedDevice {
  readonly boot_index?: number | string | null;
  readonly source_type?: string;
  readonly destination_type?: string;
  readonly uuid?: string;
  readonly [key: string]: unknown;
}

/** From 2.37 on a word may stand for the list. Tags are known from 2.32 to 2.36, and from 2.42 on. */
function Networks(version: Microversion) {
  const list = {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        fixed_ip: IpAddressSchema,
        port: { type: ['string', 'null'], format: 'uuid' },
        uuid: { type: 'string', ...(version >= 37 && { format: 'uuid' }) },
        ...(((version >= 32 && version <= 36) || version >= 42) && { tag: TagSchema }),
      },
      additionalProperties: false,
    },
  };
  const words = { type: 'string', enum: ['none', 'auto'] };
  return Type.Unsafe<RequestedNetworks>(version >= 37 ? { oneOf: [list, words] } : list);
}
const Devices = Type.Unsafe<RequestedDevice[]>({
  type: 'array',
  items: { type: 'object', additionalProperties: true },
});

/** The body of POST /servers at 2.1. */
const first = {
  name: NameSchema,
  imageRef: optional(
    Type.Unsafe<string>({
      oneOf: [ImageReferenceSchema, { type: 'string', maxLength: 0 }],
    }),
  ),
  flavorRef: FlavorRefSchema,
  adminPass: optional(AdminPassSchema),
  metadata: optional(MetadataSchema),
  'OS-DCF:diskConfig': optional(DiskConfigSchema),
  ...accessAddressSchemas,
  personality: optional(PersonalitySchema),
  availability_zone: optional(
    Type.Unsafe<string | null>({ type: ['string', 'null'], minLength: 1, maxLength: 255 }),
  ),
  block_device_mapping: optional(Devices),
  block_device_mapping_v2: optional(Devices),
  config_drive: optional(Type.Unsafe<boolean | string | null>({ anyOf: [BooleanSchema, { type: 'null' }] })),
  key_name: optional(KeyNameSchema),
  min_count: optional(CountWord),
  max_count: optional(CountWord),
  return_reservation_id: optional(BooleanSchema),
  security_groups: optional(
    Type.Array(
      Type.Object(
        { name: optional(Type.String({ minLength: 1, maxLength: 255 })) },
        { additionalProperties: true },
      ),
    ),
  ),
  user_data: optional(UserDataSchema),
};

const later = {
  description: optional(DescriptionSchema(255)),
  tags: optional(TagsSchema),
  trusted_image_certificates: optional(
    Type.Unsafe<string[] | null>({
      type: ['array', 'null'],
      items: { type: 'string', minLength: 1, maxLength: 255 },
      maxItems: 50,
      uniqueItems: true,
    }),
  ),
  host: optional(FqdnSchema),
  hypervisor_hostname: optional(FqdnSchema),
  hostname: optional(HostnameSchema),
};

/** Microversions at which the body of POST /servers changes. */
export const CREATE_STEPS: readonly Microversion[] = [1, 19, 32, 37, 42, 52, 57, 63, 74, 90];

/** The body of POST /servers at a microversion (nova/api/openstack/compute/schemas/servers.py create). */
export function createBody(version: Microversion) {
  const { personality, ...always } = first;
  const { description, tags, trusted_image_certificates, host, hypervisor_hostname, hostname } = later;
  const properties: TProperties = {
    ...always,
    networks: version >= 37 ? Networks(version) : optional(Networks(version)),
    ...(version < 57 && { personality }),
    ...(version >= 19 && { description }),
    ...(version >= 52 && { tags }),
    ...(version >= 63 && { trusted_image_certificates }),
    ...(version >= 74 && { host, hypervisor_hostname }),
    ...(version >= 90 && { hostname }),
  };
  const body = {
    server: Type.Object(properties, closed),
    'os:scheduler_hints': HINTS,
    'OS-SCH-HNT:scheduler_hints': HINTS,
  };
  return Type.Object(body, closed);
}

const anything = Type.Object({ ...first, ...later, networks: optional(Networks(42)) });

/** A validated body, with the fields of all microversions. */
export interface CreateBody {
  readonly server: Static<typeof anything>;
  readonly 'os:scheduler_hints'?: Hints;
  readonly 'OS-SCH-HNT:scheduler_hints'?: Hints;
}
