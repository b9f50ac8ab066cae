import type { Selectable } from 'kysely';
import type { ImageId, ProjectId } from '../../model/ids.ts';
import type { Image, ImageDataName } from '../../model/image.ts';
import type { ImagesTable } from '../sql/schema.ts';

export type ImageRow = Selectable<ImagesTable>;

/**
 * The fields of an image that no query filters or sorts by. Properties and tags are here in their order;
 * further tables serve the search.
 */
type Body = Pick<Image, 'virtualSize' | 'checksum' | 'hashValue' | 'properties' | 'tags'>;

/** Converts an image to a row. */
export function rowOfImage(image: Image): ImageRow {
  const { virtualSize, checksum, hashValue, properties, tags } = image;
  const body: Body = { virtualSize, checksum, hashValue, properties, tags };
  return {
    id: image.id,
    generation: image.generation,
    name: image.name,
    owner: image.owner,
    status: image.status,
    visibility: image.visibility,
    protected: image.protected ? 1 : 0,
    hidden: image.hidden ? 1 : 0,
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    min_disk: image.minDisk,
    min_ram: image.minRam,
    size: image.size,
    created_at: image.createdAt,
    updated_at: image.updatedAt,
    data: image.data,
    upload: image.upload,
    body: JSON.stringify(body),
  };
}

/** Converts a row to an image. */
export function imageOfRow(row: ImageRow): Image {
  return {
    ...(JSON.parse(row.body) as Body),
    data: (row.data as ImageDataName | null) ?? dataBeforeAttempts(row),
    upload: row.upload as ImageDataName | null,
    id: row.id as ImageId,
    generation: row.generation,
    name: row.name,
    owner: row.owner as ProjectId,
    status: row.status as Image['status'],
    visibility: row.visibility as Image['visibility'],
    protected: row.protected === 1,
    hidden: row.hidden === 1,
    diskFormat: row.disk_format as Image['diskFormat'],
    containerFormat: row.container_format as Image['containerFormat'],
    minDisk: row.min_disk,
    minRam: row.min_ram,
    size: row.size,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** The data name in rows of release 0.1, which named image data by the image's id alone. */
function dataBeforeAttempts({ id, size }: ImageRow): ImageDataName | null {
  return size === null ? null : (id as ImageDataName);
}
