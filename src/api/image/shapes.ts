import {
  anything,
  flag,
  integer,
  integerOrNull,
  link,
  listOf,
  object,
  optional,
  type Shape,
  text,
  textOrNull,
  texts,
  time,
  word,
} from '../http/shape.ts';

/** Answers of the Image API. Custom properties are at the same level as an image's own keys. */
export const imageShape: Shape = (version) => ({
  ...object({
    id: text,
    name: textOrNull,
    disk_format: textOrNull,
    container_format: textOrNull,
    visibility: word('public', 'private', 'shared', 'community'),
    size: integerOrNull,
    virtual_size: integerOrNull,
    status: text,
    checksum: textOrNull,
    protected: flag,
    min_ram: integer,
    min_disk: integer,
    owner: textOrNull,
    os_hidden: flag,
    os_hash_algo: textOrNull,
    os_hash_value: textOrNull,
    created_at: time,
    updated_at: time,
    tags: texts,
    self: text,
    file: text,
    schema: text,
  })(version),
  title: 'Image',
  additionalProperties: textOrNull,
});

export const imageList = object({
  images: listOf(imageShape),
  first: text,
  next: optional(text),
  schema: text,
});

export const memberShape = object(
  {
    member_id: text,
    image_id: text,
    status: word('pending', 'accepted', 'rejected'),
    created_at: time,
    updated_at: time,
    schema: text,
  },
  'Member',
);
export const memberList = object({ members: listOf(memberShape), schema: text });

export const versionList = object({
  versions: listOf(object({ id: text, status: text, links: listOf(link) })),
});

/** A JSON schema in Glance's form. */
export const schemaShape = object({
  name: text,
  properties: anything,
  additionalProperties: optional(anything),
  links: optional(listOf(link)),
});

/** Import methods, none of which is enabled. */
export const importMethods = object({
  'import-methods': object({ description: text, type: text, value: listOf(text) }),
});
