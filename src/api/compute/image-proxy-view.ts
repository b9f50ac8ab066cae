import { parseFlexibleBoolean } from '../../model/flexible-boolean.ts';
import type { Image } from '../../model/image.ts';
import {
  integer,
  integerOrNull,
  links,
  listOf,
  mapOf,
  object,
  optional,
  text,
  textOrNull,
  time,
  word,
} from '../http/shape.ts';
import { type Link, linksOf } from './links.ts';
import { zonedTime } from './times.ts';

const STATUS: Readonly<Record<string, string>> = {
  active: 'ACTIVE',
  queued: 'SAVING',
  saving: 'SAVING',
  deleted: 'DELETED',
  pending_delete: 'DELETED',
  killed: 'ERROR',
};
const PROGRESS: Readonly<Record<string, number>> = { queued: 25, saving: 50, active: 100 };

/** The image statuses for a status of the Compute API. */
export function statusesOf(word: string): string[] {
  const wanted = word.toUpperCase();
  return Object.keys(STATUS).filter((status) => STATUS[status] === wanted || status === word.toLowerCase());
}

/** An image in a brief list (nova/api/openstack/compute/views/images.py ViewBuilder.basic). */
export function briefImage(image: Image, base: string) {
  return { id: image.id, name: image.name, links: imageLinks(image, base) };
}

/** A complete image, as the Compute API shows it up to 2.35. */
export function wholeImage(image: Image, base: string) {
  const server = image.properties.instance_uuid ?? undefined;
  const disk = image.properties.auto_disk_config ?? undefined;
  return {
    ...briefImage(image, base),
    minRam: image.minRam,
    minDisk: image.minDisk,
    metadata: image.properties,
    created: zonedTime(image.createdAt),
    updated: zonedTime(image.updatedAt),
    status: STATUS[image.status] ?? 'UNKNOWN',
    progress: PROGRESS[image.status] ?? 0,
    'OS-EXT-IMG-SIZE:size': image.size,
    ...(server !== undefined && { server: { id: server, links: linksOf(base, 'servers', server) } }),
    ...(disk !== undefined && { 'OS-DCF:diskConfig': parseFlexibleBoolean(disk) ? 'AUTO' : 'MANUAL' }),
  };
}

/** Links of an image. The alternate link leads to the Image API. */
function imageLinks(image: Image, base: string): Link[] {
  const root = base.replace(/\/compute\/v2(\.1)?(\/.*)?$/, '');
  return [
    ...linksOf(base, 'images', image.id),
    {
      rel: 'alternate',
      type: 'application/vnd.openstack.image',
      href: `${root}/image/images/${image.id}`,
    },
  ];
}

const brief = { id: text, name: textOrNull, links };
const imageShape = object(
  {
    ...brief,
    minRam: integer,
    minDisk: integer,
    metadata: mapOf(textOrNull),
    created: time,
    updated: time,
    status: text,
    progress: integer,
    'OS-EXT-IMG-SIZE:size': integerOrNull,
    server: optional(object({ id: text, links })),
    'OS-DCF:diskConfig': optional(word('AUTO', 'MANUAL')),
  },
  'ImageOfCompute',
);

export const oneImageOfCompute = object({ image: imageShape });
export const briefImagesOfCompute = object({ images: listOf(object(brief)), images_links: optional(links) });
export const wholeImagesOfCompute = object({ images: listOf(imageShape), images_links: optional(links) });
