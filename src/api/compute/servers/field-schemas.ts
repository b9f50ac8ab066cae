import { Type } from '../../../model/schema.ts';
import { MAX_REFERENCE_LENGTH } from '../../http/id-in-reference.ts';

/** Words that the schemas of servers share (nova/api/validation/parameter_types.py
 * disk_config, hostname, metadata, flavor_ref, admin_password). */
export const ServerParams = Type.Object({ server_id: Type.String() });

export const DiskConfigSchema = Type.String({ enum: ['AUTO', 'MANUAL'] });
export const HostnameSchema = Type.String({
  minLength: 2,
  maxLength: 63,
  pattern: '^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$',
});

/** Metadata with up to 255 characters in keys and values. */
export const MetadataSchema = Type.Unsafe<Record<string, string>>({
  type: 'object',
  patternProperties: { '^[a-zA-Z0-9\\-_:. ]{1,255}$': { type: 'string', maxLength: 255 } },
  additionalProperties: false,
});

export const ImageRefSchema = Type.String({ format: 'uuid' });
/** An image's id, or a link to it. */
export const ImageReferenceSchema = Type.String({ format: 'uuid or link', maxLength: MAX_REFERENCE_LENGTH });
export const FlavorRefSchema = Type.Unsafe<string | number>({
  type: ['string', 'integer'],
  minLength: 1,
  maxLength: MAX_REFERENCE_LENGTH,
});
export const AdminPassSchema = Type.String();
/** base64, up to 65535 characters. */
export const UserDataSchema = Type.String({ format: 'base64', maxLength: 65_535 });
/** nova/api/validation/parameter_types.py ip_address */
export const IpAddressSchema = Type.Unsafe<string>({
  type: 'string',
  oneOf: [{ format: 'ipv4' }, { format: 'ipv6' }],
});
export const KeyNameSchema = Type.String({ minLength: 1, maxLength: 255 });

/**
 * One tag. It has no comma, which separates tags in a query, and no slash, which separates them in a path.
 */
export const TagSchema = Type.String({ minLength: 1, maxLength: 60, pattern: '^[^,/]*$' });
export const TagsSchema = Type.Array(TagSchema, { maxItems: 50, uniqueItems: true });

/** Files for a server, as a request has them. */
export const PersonalitySchema = Type.Array(
  Type.Object(
    { path: Type.Optional(Type.String()), contents: Type.Optional(Type.String()) },
    { additionalProperties: false },
  ),
);
