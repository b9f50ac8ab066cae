import { knownImageProperties } from '../model/image-property.ts';

const olderNames = new Map(knownImageProperties.map(({ name, olderName }) => [name, olderName]));

/** An image's property under its current or older name; undefined when it is unset or empty. */
export function propertyOf(
  { properties }: { readonly properties: Readonly<Record<string, string>> },
  name: string,
): string | undefined {
  const older = olderNames.get(name);
  return own(properties, name) || (older === undefined ? undefined : own(properties, older)) || undefined;
}

function own(properties: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}
