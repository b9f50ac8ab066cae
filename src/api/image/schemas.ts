import type { Static } from 'typebox';
import { CONTAINER_FORMATS, DISK_FORMATS } from '../../model/image.ts';
import { Type } from '../../model/schema.ts';

export const VISIBILITIES = ['public', 'private', 'shared', 'community'] as const;
const MAX_INTEGER = 2_147_483_647;

/** No NUL, because some databases refuse it. */
const TEXT = { pattern: '^[^\\u0000]*$' } as const;
const Count = Type.Integer({ minimum: 0, maximum: MAX_INTEGER });
const Format = <const Word extends string>(words: readonly Word[]) =>
  Type.Union([Type.Enum([...words]), Type.Null()]);
const Tag = Type.String({ minLength: 1, maxLength: 255, ...TEXT });

/** The keys of Glance's image schema that users may write. All are optional. */
export const WRITABLE = {
  name: Type.Union([Type.String({ maxLength: 255, ...TEXT }), Type.Null()]),
  disk_format: Format(DISK_FORMATS),
  container_format: Format(CONTAINER_FORMATS),
  visibility: Type.Enum([...VISIBILITIES]),
  min_disk: Count,
  min_ram: Count,
  protected: Type.Boolean(),
  os_hidden: Type.Boolean(),
  tags: Type.Array(Tag),
  owner: Type.Union([Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-zA-Z0-9_-]+$' }), Type.Null()]),
} as const;

/** The body of POST /v2/images. Every other key is a custom property with a string value. */
export const CreateImage = Type.Object(
  { id: Type.Optional(Type.String({ format: 'uuid' })), ...optional(WRITABLE) },
  { additionalProperties: Type.Unknown() },
);
/** Only the writable keys, for the check of a patch. */
export const WritableImage = Type.Object(optional(WRITABLE), { additionalProperties: false });
export type WritableImage = Static<typeof WritableImage>;

export const ImageParams = Type.Object({ id: Type.String() });
export const TagParams = Type.Object({ id: Type.String(), tag: Type.String() });
export const MemberParams = Type.Object({ id: Type.String(), member: Type.String() });
export const CreateMember = Type.Object({
  member: Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-zA-Z0-9_-]+$' }),
});
export const UpdateMember = Type.Object({ status: Type.Enum(['pending', 'accepted', 'rejected']) });

type Shape = typeof WRITABLE;
function optional(shape: Shape) {
  return {
    name: Type.Optional(shape.name),
    disk_format: Type.Optional(shape.disk_format),
    container_format: Type.Optional(shape.container_format),
    visibility: Type.Optional(shape.visibility),
    min_disk: Type.Optional(shape.min_disk),
    min_ram: Type.Optional(shape.min_ram),
    protected: Type.Optional(shape.protected),
    os_hidden: Type.Optional(shape.os_hidden),
    tags: Type.Optional(shape.tags),
    owner: Type.Optional(shape.owner),
  };
}
