import { Failure } from './failure.ts';
import { isUuid } from './ids.ts';
import type { ImageProperty } from './image-property.ts';
import { knownImageProperties } from './image-property.ts';
import { isSerialNearMiss } from './serial-near-miss.ts';
import { writableInXml } from './xml-text.ts';

const SERIAL = 'hw_unique_serial';
/** The extra spec of flavors. Users often set it on an image by mistake. */
const SERIAL_OF_FLAVORS = 'hw:unique_serial';

/** Properties by every name that an image may use, including older names. */
const byName: ReadonlyMap<string, ImageProperty> = new Map(
  knownImageProperties.flatMap((property) =>
    [property.name, property.olderName].flatMap((name) =>
      name === undefined ? [] : [[name, property] as const],
    ),
  ),
);

/**
 * Checks a custom property before it is stored with an image. Glance stores any text, because other clouds
 * have other virtual hardware; {@link checkBootProperties} refuses unusable values when a server is created.
 * This check refuses only what Glance's schema refuses, text that no guest definition can hold, a
 * `hw_unique_serial` that is not a boolean, and misspellings of that name.
 * @param value null only for properties that may be null in Glance's schema
 * @throws {Failure} `invalid`, naming property, value and what is accepted
 */
export function checkStoredProperty(key: string, value: string | null): void {
  writableInXml('The name of an image property', key);
  if (key === SERIAL_OF_FLAVORS || isSerialNearMiss(key))
    throw new Failure(
      'invalid',
      `Image property '${key}' would have no effect: the image property is '${SERIAL}' ('${SERIAL_OF_FLAVORS}' is the extra spec of flavors).`,
    );
  if (value === null) return;
  writableInXml(`Image property '${key}'`, value);
  if (key === SERIAL) checkValue(key, value);
  if (isImageReference(key) && !isUuid(value.toLowerCase()))
    throw refusal(key, value, byName.get(key)?.accepts ?? '');
}

/**
 * Checks the properties of an image before a server is created from it. Each property that has an effect in
 * Nameplate must have a supported value.
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

/** Characters of a value that an error text shows. */
const MAX_SHOWN = 255;

function refusal(key: string, value: string, accepts: string): Failure {
  const shown = value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
  return new Failure(
    'invalid',
    `Image property '${key}' has the value '${shown}', but accepted is ${accepts}.`,
  );
}
