import { Failure } from './failure.ts';
import { isUuid } from './ids.ts';
import type { ImageProperty } from './image-property.ts';
import { knownImageProperties } from './image-property.ts';
import { isSerialNearMiss } from './serial-near-miss.ts';
import { writableInXml } from './xml-text.ts';

const SERIAL = 'hw_unique_serial';
/** The extra spec of flavors: on an image the likeliest slip of all. */
const SERIAL_OF_FLAVORS = 'hw:unique_serial';

/** A property's name as images may have it, also an older one. */
const byName: ReadonlyMap<string, ImageProperty> = new Map(
  knownImageProperties.flatMap((property) =>
    [property.name, property.olderName].flatMap((name) =>
      name === undefined ? [] : [[name, property] as const],
    ),
  ),
);

/**
 * Checks a custom property before an image gets it. Glance stores any text, for other clouds have other
 * virtual hardware; what no guest here could have is refused when a server is made ({@link
 * checkBootProperties}). Refused already here is what Glance's schema refuses, what no definition of a guest
 * can hold, a word for `hw_unique_serial` that is no boolean, and a name that is nearly it.
 * @param value null only for what Glance's schema lets be null
 * @throws {Failure} `invalid`, naming property, value and what is accepted
 */
export function checkStoredProperty(key: string, value: string | null): void {
  writableInXml('The name of an image property', key);
  if (key === SERIAL_OF_FLAVORS || isSerialNearMiss(key))
    throw new Failure(
      'invalid',
      `Image property '${key}' would have no effect: on an image it is called '${SERIAL}' ('${SERIAL_OF_FLAVORS}' is the extra spec of flavors).`,
    );
  if (value === null) return;
  writableInXml(`Image property '${key}'`, value);
  if (key === SERIAL) checkValue(key, value);
  if (isImageReference(key) && !isUuid(value.toLowerCase()))
    throw refusal(key, value, byName.get(key)?.accepts ?? '');
}

/**
 * Checks the properties of an image that a server is to be made of: each that Nameplate acts on must have a
 * value that it can act on.
 * @throws {Failure} `invalid`, naming property, value and what is accepted
 */
export function checkBootProperties(properties: Readonly<Record<string, string | null>>): void {
  for (const [key, value] of Object.entries(properties)) {
    writableInXml('The name of an image property', key);
    if (value === null) continue;
    checkValue(key, value);
    writableInXml(`Image property '${key}'`, value);
  }
}

/** Whether null is a value of the property in Glance's schema (etc/schema-image.json). */
export function isImageReference(key: string): boolean {
  return key === 'kernel_id' || key === 'ramdisk_id';
}

function checkValue(key: string, value: string): void {
  const known = byName.get(key);
  if (known !== undefined && !known.isValid(value)) throw refusal(key, value, known.accepts);
}

/** Of a value no more is shown. */
const SHOWN = 255;

function refusal(key: string, value: string, accepts: string): Failure {
  const shown = value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value;
  return new Failure(
    'invalid',
    `Image property '${key}' has the value '${shown}', but accepted is ${accepts}.`,
  );
}
