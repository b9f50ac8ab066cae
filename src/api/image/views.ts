import type { Image, ImageMember } from '../../model/image.ts';

/** Formats epoch milliseconds as Glance does: `2026-11-23T07:45:37Z`. */
function imageTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** An image, with custom properties at the same level as its own keys. */
export function imageView(image: Image) {
  const path = `/v2/images/${image.id}`;
  return {
    ...image.properties,
    name: image.name,
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    visibility: image.visibility,
    size: image.size,
    virtual_size: image.virtualSize,
    status: image.status,
    checksum: image.checksum,
    protected: image.protected,
    min_ram: image.minRam,
    min_disk: image.minDisk,
    owner: image.owner,
    os_hidden: image.hidden,
    os_hash_algo: image.hashValue === null ? null : 'sha512',
    os_hash_value: image.hashValue,
    id: image.id,
    created_at: imageTime(image.createdAt),
    updated_at: imageTime(image.updatedAt),
    tags: image.tags,
    self: path,
    file: `${path}/file`,
    schema: '/v2/schemas/image',
  };
}

export function memberView(member: ImageMember) {
  return {
    member_id: member.memberId,
    image_id: member.imageId,
    status: member.status,
    created_at: imageTime(member.createdAt),
    updated_at: imageTime(member.updatedAt),
    schema: '/v2/schemas/member',
  };
}
