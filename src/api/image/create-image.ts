import { randomUUID } from 'node:crypto';
import type { Static } from 'typebox';
import { Failure } from '../../model/failure.ts';
import type { Caller } from '../../model/identity.ts';
import { type ImageId, type ProjectId, parseImageId } from '../../model/ids.ts';
import type { Image } from '../../model/image.ts';
import { type Route, route } from '../http/route.ts';
import { checkedProperty, checkQuotas, checkRights, foreignOwner } from './properties.ts';
import { OWN_KEYS, refuseReserved } from './reserved.ts';
import { CreateImage } from './schemas.ts';
import { imageShape } from './shapes.ts';
import { imageView } from './views.ts';

/** POST /v2/images. */
export const createImageRoute: Route = route({
  method: 'POST',
  path: '/v2/images',
  access: 'member',
  policy: 'add_image',
  summary: 'Create image',
  schemas: { body: CreateImage },
  status: 201,
  response: imageShape,
  handle: async ({ base, body, caller, parts, reply }) => {
    const image = newImage(body, caller, parts.now());
    await parts.store.images.insert(image);
    reply.header('location', `${base}/v2/images/${image.id}`);
    return imageView(image);
  },
});

function newImage(asked: Static<typeof CreateImage>, caller: Caller, now: number): Image {
  if (asked.owner === null && !caller.isAdmin) throw foreignOwner(null);
  const owner = asked.owner ?? caller.projectId;
  if (owner === null)
    throw new Failure('forbidden', 'An image belongs to a project, and the token has none.');
  const image: Image = {
    id: idOf(asked.id),
    generation: 1,
    name: asked.name ?? null,
    owner: owner as ProjectId,
    status: 'queued',
    visibility: asked.visibility ?? 'shared',
    protected: asked.protected ?? false,
    hidden: asked.os_hidden ?? false,
    diskFormat: asked.disk_format ?? null,
    containerFormat: asked.container_format ?? null,
    minDisk: asked.min_disk ?? 0,
    minRam: asked.min_ram ?? 0,
    size: null,
    virtualSize: null,
    checksum: null,
    hashValue: null,
    data: null,
    upload: null,
    properties: propertiesOf(asked),
    tags: [...new Set(asked.tags ?? [])],
    createdAt: now,
    updatedAt: now,
  };
  checkRights(caller, image);
  checkQuotas(image);
  return image;
}

function idOf(asked: string | undefined): ImageId {
  if (asked === undefined) return randomUUID() as ImageId;
  const id = parseImageId(asked);
  if (id === undefined)
    throw new Failure('invalid', `'${asked}' is not a UUID with dashes, as an image's id is.`);
  return id;
}

function propertiesOf(asked: Readonly<Record<string, unknown>>): Image['properties'] {
  const properties: [string, string | null][] = [];
  for (const [key, value] of Object.entries(asked)) {
    refuseReserved(key);
    if (!OWN_KEYS.has(key)) properties.push([key, checkedProperty(key, value)]);
  }
  return Object.fromEntries(properties);
}
