import { Failure } from '../../model/failure.ts';

/** Keys that only Glance itself writes (glance/api/v2/images.py). */
const READ_ONLY = new Set([
  'created_at',
  'updated_at',
  'status',
  'checksum',
  'size',
  'virtual_size',
  'direct_url',
  'self',
  'file',
  'schema',
  'first',
  'next',
  'os_hash_algo',
  'os_hash_value',
  'stores',
]);
const RESERVED = new Set(['deleted', 'deleted_at', 'location', 'locations', 'is_public', 'marker', 'limit']);

/** The own keys of an image. All others are custom properties. */
export const OWN_KEYS: ReadonlySet<string> = new Set([
  ...READ_ONLY,
  ...RESERVED,
  'id',
  'name',
  'owner',
  'visibility',
  'disk_format',
  'container_format',
  'min_disk',
  'min_ram',
  'protected',
  'os_hidden',
  'tags',
]);

/** @throws {Failure} `forbidden`, with Glance's text, for a key that users cannot write */
export function refuseReserved(key: string): void {
  if (READ_ONLY.has(key)) throw new Failure('forbidden', `Attribute '${key}' is read-only.`);
  if (RESERVED.has(key)) throw new Failure('forbidden', `Attribute '${key}' is reserved.`);
}
