import { Failure } from '../../model/failure.ts';
import type { Caller } from '../../model/identity.ts';
import type { ProjectId } from '../../model/ids.ts';
import type { Image } from '../../model/image.ts';
import { type Route, route } from '../http/route.ts';
import { bodyCheck } from '../http/validation.ts';
import { changeImage, type ImagePatch } from './change-image.ts';
import { type PatchOperation, parsePatch } from './json-patch.ts';
import { checkedProperty, checkQuotas, checkRights } from './properties.ts';
import { OWN_KEYS, refuseReserved } from './reserved.ts';
import { ImageParams, WritableImage } from './schemas.ts';
import { imageShape } from './shapes.ts';
import { imageView } from './views.ts';
import { ownImage } from './visible-image.ts';

/** PATCH /v2/images/{id}. */
export const updateImageRoute: Route = route({
  method: 'PATCH',
  path: '/v2/images/:id',
  access: 'member',
  policy: 'modify_image',
  summary: 'Update image by JSON patch',
  bodyKind: 'image patch',
  schemas: { params: ImageParams },
  status: 200,
  response: imageShape,
  handle: async ({ params, caller, parts, request }) => {
    const operations = parsePatch(request.headers['content-type'], request.body);
    const seen = await ownImage({ store: parts.store, caller, policy: 'modify_image' }, params.id);
    const changed = await changeImage(parts, seen, (image) => patchOf(image, operations, caller));
    return imageView(changed);
  },
});

const checkWritable = bodyCheck(WritableImage);

/** Applies the operations in order. If one fails, none takes effect. */
function patchOf(image: Image, operations: readonly PatchOperation[], caller: Caller): ImagePatch {
  const properties = new Map(Object.entries(image.properties));
  let patch: ImagePatch = {};
  for (const operation of operations) {
    const { key } = operation;
    refuseReserved(key);
    if (key === 'id') throw new Failure('forbidden', "Attribute 'id' is read-only.");
    if (OWN_KEYS.has(key)) patch = { ...patch, ...ownKey(image, operation) };
    else changeProperty(properties, operation);
  }
  const after = { ...image, ...patch, properties: Object.fromEntries(properties) };
  checkRights(caller, after, image);
  checkQuotas(after, image);
  return { ...patch, properties: after.properties };
}

function changeProperty(properties: Map<string, string | null>, operation: PatchOperation): void {
  const { op, key } = operation;
  if (op !== 'add' && !properties.has(key)) throw new Failure('conflict', `Property ${key} does not exist.`);
  if (op === 'remove') properties.delete(key);
  else properties.set(key, checkedProperty(key, operation.value));
}

/** @throws {Failure} `forbidden` when an own key would be removed, `invalid` for an invalid value */
function ownKey(image: Image, operation: PatchOperation): ImagePatch {
  const { op, key } = operation;
  if (op === 'remove') throw new Failure('forbidden', `Property ${key} may not be removed.`);
  const given = checkWritable({ [key]: operation.value }) as WritableImage;
  if (given.owner === null)
    throw new Failure('forbidden', 'An image belongs to a project: its owner cannot be null.');
  if (isFormat(key) && image.status !== 'queued' && operation.value !== formatOf(image, key))
    throw new Failure('forbidden', `Attribute '${key}' is read-only once the image has data.`);
  return modelled(given);
}

function isFormat(key: string): key is 'disk_format' | 'container_format' {
  return key === 'disk_format' || key === 'container_format';
}

function formatOf(image: Image, key: 'disk_format' | 'container_format') {
  return key === 'disk_format' ? image.diskFormat : image.containerFormat;
}

function modelled(given: WritableImage): ImagePatch {
  return {
    ...(given.name === undefined ? {} : { name: given.name }),
    ...(given.disk_format === undefined ? {} : { diskFormat: given.disk_format }),
    ...(given.container_format === undefined ? {} : { containerFormat: given.container_format }),
    ...(given.visibility === undefined ? {} : { visibility: given.visibility }),
    ...(given.min_disk === undefined ? {} : { minDisk: given.min_disk }),
    ...(given.min_ram === undefined ? {} : { minRam: given.min_ram }),
    ...(given.protected === undefined ? {} : { protected: given.protected }),
    ...(given.os_hidden === undefined ? {} : { hidden: given.os_hidden }),
    ...(given.tags === undefined ? {} : { tags: [...new Set(given.tags)] }),
    ...(given.owner === undefined ? {} : { owner: given.owner as ProjectId }),
  };
}
