import { isImageReference } from '../../model/check-image-property.ts';
import { CONTAINER_FORMATS, DISK_FORMATS } from '../../model/image.ts';
import { type ImageProperty, knownImageProperties } from '../../model/image-property.ts';
import { type Route, route } from '../http/route.ts';
import { VISIBILITIES } from './schemas.ts';
import { schemaShape } from './shapes.ts';

const UUID = '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$';

function readOnly(type: string | string[], description: string) {
  return { type, readOnly: true, description: `${description} (READ-ONLY)` };
}

const time = (description: string) => readOnly('string', description);
const url = (description: string) => readOnly('string', description);

/** A custom property with an effect. It has no `enum`, because an image may be meant for another cloud. */
function custom({ name, effect, accepts }: ImageProperty) {
  const description = `${effect} Accepted: ${accepts}.`;
  const shape = isImageReference(name) ? { type: ['null', 'string'], pattern: UUID } : { type: 'string' };
  return [name, { ...shape, is_base: false, description }] as const;
}

/** glanceclient derives its options and models from these schemas, so keys and types are Glance's. */
const IMAGE = {
  name: 'image',
  properties: {
    id: { type: 'string', pattern: UUID, description: 'An identifier for the image' },
    name: { type: ['null', 'string'], maxLength: 255, description: 'Descriptive name for the image' },
    status: {
      ...readOnly('string', 'Status of the image'),
      enum: ['queued', 'saving', 'active', 'killed', 'deleted', 'pending_delete', 'deactivated'],
    },
    visibility: { type: 'string', enum: VISIBILITIES, description: 'Scope of image accessibility' },
    protected: { type: 'boolean', description: 'If true, image will not be deletable.' },
    os_hidden: {
      type: 'boolean',
      description: 'If true, image will not appear in default image list response.',
    },
    checksum: { ...readOnly(['null', 'string'], 'md5 hash of image contents.'), maxLength: 32 },
    os_hash_algo: { ...readOnly(['null', 'string'], 'Algorithm of os_hash_value'), maxLength: 64 },
    os_hash_value: { ...readOnly(['null', 'string'], 'Hash of the image contents'), maxLength: 128 },
    owner: { type: ['null', 'string'], maxLength: 255, description: 'Owner of the image' },
    size: readOnly(['null', 'integer'], 'Size of image file in bytes'),
    virtual_size: readOnly(['null', 'integer'], 'Virtual size of image in bytes'),
    container_format: {
      type: ['null', 'string'],
      enum: [null, ...CONTAINER_FORMATS],
      description: 'Format of the container',
    },
    disk_format: {
      type: ['null', 'string'],
      enum: [null, ...DISK_FORMATS],
      description: 'Format of the disk',
    },
    created_at: time('Date and time of image registration'),
    updated_at: time('Date and time of the last image modification'),
    tags: {
      type: 'array',
      items: { type: 'string', maxLength: 255 },
      description: 'List of strings related to the image',
    },
    direct_url: url('URL to access the image file kept in external store'),
    min_ram: { type: 'integer', description: 'Amount of ram (in MB) required to boot image.' },
    min_disk: { type: 'integer', description: 'Amount of disk space (in GB) required to boot image.' },
    self: url('URL of the image'),
    file: url('URL of the image data'),
    schema: url('URL of the schema'),
    ...Object.fromEntries(knownImageProperties.map(custom)),
  },
  additionalProperties: { type: 'string' },
  links: [
    { rel: 'self', href: '{self}' },
    { rel: 'enclosure', href: '{file}' },
    { rel: 'describedby', href: '{schema}' },
  ],
};

const MEMBER = {
  name: 'member',
  properties: {
    member_id: { type: 'string', description: 'An identifier for the image member (tenantId)' },
    image_id: { type: 'string', pattern: UUID, description: 'An identifier for the image' },
    created_at: { type: 'string', description: 'Date and time of image member creation' },
    updated_at: { type: 'string', description: 'Date and time of last modification of image member' },
    status: {
      type: 'string',
      enum: ['pending', 'accepted', 'rejected'],
      description: 'The status of this image member',
    },
    schema: { readOnly: true, type: 'string' },
  },
};

const IMAGES = {
  name: 'images',
  properties: {
    images: { type: 'array', items: IMAGE },
    first: { type: 'string' },
    next: { type: 'string' },
    schema: { type: 'string' },
  },
  links: [
    { rel: 'first', href: '{first}' },
    { rel: 'next', href: '{next}' },
    { rel: 'describedby', href: '{schema}' },
  ],
};

const MEMBERS = {
  name: 'members',
  properties: { members: { type: 'array', items: MEMBER }, schema: { type: 'string' } },
  links: [{ rel: 'describedby', href: '{schema}' }],
};

/** GET /v2/schemas/…. */
export const jsonSchemaRoutes: readonly Route[] = [IMAGE, IMAGES, MEMBER, MEMBERS].map((schema) =>
  route({
    method: 'GET',
    path: `/v2/schemas/${schema.name}`,
    access: 'token',
    policy: 'get_schemas',
    summary: `Show the JSON schema of ${schema.name}`,
    status: 200,
    response: schemaShape,
    handle: async () => schema,
  }),
);
