import { Failure } from '../../model/failure.ts';
import type { Caller } from '../../model/identity.ts';
import type { Image } from '../../model/image.ts';
import { validateImageProperty } from '../../model/image-property.ts';
import { forbidden } from '../access.ts';

/** Glance's `image_property_quota` and `image_tag_quota`. */
const MAX_PROPERTIES = 128;
const MAX_TAGS = 128;
const MAX_KEY = 255;
const MAX_VALUE = 65_535;

/**
 * A custom property as it would be stored.
 * @throws {Failure} `invalid` when key or value is none that an image can have, or none that Nameplate could act on
 */
export function checkedProperty(key: string, value: unknown): string {
  if (key === '' || key.length > MAX_KEY || key.includes('\0'))
    throw new Failure('invalid', `The name of an image property has 1 to ${MAX_KEY} characters.`);
  if (typeof value !== 'string')
    throw new Failure('invalid', `The value of the image property '${key}' must be a string.`);
  if (value.length > MAX_VALUE || value.includes('\0'))
    throw new Failure(
      'invalid',
      `The value of the image property '${key}' has at most ${MAX_VALUE} characters.`,
    );
  validateImageProperty(key, value);
  return value;
}

/** @throws {Failure} `over-quota` */
export function checkQuotas(image: Pick<Image, 'properties' | 'tags'>): void {
  const properties = Object.keys(image.properties).length;
  if (properties > MAX_PROPERTIES)
    throw new Failure(
      'over-quota',
      `The limit has been exceeded on the number of allowed image properties. Attempted: ${properties}, Maximum: ${MAX_PROPERTIES}`,
    );
  if (image.tags.length > MAX_TAGS)
    throw new Failure(
      'over-quota',
      `The limit has been exceeded on the number of allowed image tags. Attempted: ${image.tags.length}, Maximum: ${MAX_TAGS}`,
    );
}

/** Only administrators make images public, or give them to another project. @throws {Failure} `forbidden` */
export function checkRights(
  caller: Caller,
  after: Pick<Image, 'visibility' | 'owner'>,
  before?: Pick<Image, 'visibility' | 'owner'>,
): void {
  if (caller.isAdmin) return;
  if (after.visibility === 'public' && before?.visibility !== 'public')
    throw forbidden('publicize_image', 'image');
  if (after.owner !== (before?.owner ?? caller.projectId))
    throw new Failure('forbidden', `You are not permitted to create images owned by '${after.owner}'.`);
}
