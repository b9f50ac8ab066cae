import { checkStoredProperty, isImageReference } from '../../model/check-image-property.ts';
import { Failure } from '../../model/failure.ts';
import type { Caller } from '../../model/identity.ts';
import type { Image } from '../../model/image.ts';
import { forbidden } from '../http/access.ts';

/** Glance's `image_property_quota` and `image_tag_quota`. */
const MAX_PROPERTIES = 128;
const MAX_TAGS = 128;
const MAX_KEY = 255;
/** Glance's limit for one value. */
const MAX_VALUE = 65_535;
/** Bytes of all names and values, as UTF-8. Glance has no such limit: 128 properties may have 8 MiB. */
const MAX_PROPERTY_BYTES = 128 * 1024;

/**
 * A custom property in the form in which it is stored.
 * @throws {Failure} `invalid` for a key or value that images cannot have, or that Nameplate could not use
 */
export function checkedProperty(key: string, value: unknown): string | null {
  if (key === '' || key.length > MAX_KEY)
    throw new Failure('invalid', `The name of an image property has 1 to ${MAX_KEY} characters.`);
  // JSON bodies cannot have this key, but a patch can name it with a pointer.
  if (key === '__proto__')
    throw new Failure('invalid', "The name of an image property cannot be '__proto__'.");
  const isNull = value === null && isImageReference(key);
  if (typeof value !== 'string' && !isNull)
    throw new Failure('invalid', `The value of the image property '${key}' must be a string.`);
  if (value !== null && value.length > MAX_VALUE)
    throw new Failure(
      'invalid',
      `The value of the image property '${key}' has at most ${MAX_VALUE} characters.`,
    );
  checkStoredProperty(key, value);
  return value;
}

type Counted = Pick<Image, 'properties' | 'tags'>;

/**
 * @param before the stored image: a change is not refused for what it already had, unless the change
 *   enlarges it
 * @throws {Failure} `over-quota`
 */
export function checkQuotas(image: Counted, before?: Counted): void {
  const properties = Object.keys(image.properties).length;
  if (properties > MAX_PROPERTIES)
    throw new Failure(
      'over-quota',
      `The limit has been exceeded on the number of allowed image properties. Attempted: ${properties}, Maximum: ${MAX_PROPERTIES}`,
    );
  const bytes = bytesOf(image);
  if (bytes > MAX_PROPERTY_BYTES && (before === undefined || bytes > bytesOf(before)))
    throw new Failure(
      'over-quota',
      `The limit has been exceeded on the size of all image properties, names and values. Attempted: ${bytes} bytes, Maximum: ${MAX_PROPERTY_BYTES} bytes`,
    );
  if (image.tags.length > MAX_TAGS)
    throw new Failure(
      'over-quota',
      `The limit has been exceeded on the number of allowed image tags. Attempted: ${image.tags.length}, Maximum: ${MAX_TAGS}`,
    );
}

function bytesOf({ properties }: Counted): number {
  const texts = Object.entries(properties).flat();
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);
}

/** Only administrators may make images public or change their owner. @throws {Failure} `forbidden` */
export function checkRights(
  caller: Caller,
  after: Pick<Image, 'visibility' | 'owner'>,
  before?: Pick<Image, 'visibility' | 'owner'>,
): void {
  if (caller.isAdmin) return;
  if (after.visibility === 'public' && before?.visibility !== 'public')
    throw forbidden('publicize_image', 'image');
  if (after.owner !== (before?.owner ?? caller.projectId)) throw foreignOwner(after.owner);
}

/** The refusal with Glance's text (glance/api/authorization.py), in which null is None. */
export function foreignOwner(owner: string | null): Failure {
  return new Failure('forbidden', `You are not permitted to create images owned by '${owner ?? 'None'}'.`);
}
