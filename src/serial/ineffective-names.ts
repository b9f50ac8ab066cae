import { isSerialNearMiss } from '../model/serial-near-miss.ts';
import { FLAVOR_KEY, IMAGE_KEY } from './policy.ts';

/** A misspelled name on a flavor or image that was most likely meant for the serial and has no effect. */
export interface IneffectiveName {
  readonly input: 'flavor' | 'image';
  readonly name: string;
  readonly value: string;
  /** The correct name. */
  readonly use: string;
}

/**
 * Finds misspelled names in a flavor's extra specs. These may include `hw_unique_serial`, which may be stored
 * there, as in Nova, to match aggregate metadata.
 */
export function ineffectiveSpecs(extraSpecs: Readonly<Record<string, string>>): IneffectiveName[] {
  return Object.entries(extraSpecs)
    .filter(([name]) => name === IMAGE_KEY || isSerialNearMiss(name))
    .map(([name, value]) => ({ input: 'flavor', name, value, use: FLAVOR_KEY }));
}

/** Finds misspelled names in a server's own copies of flavor and image. */
export function ineffectiveNames(server: {
  readonly flavor: { readonly extraSpecs: Readonly<Record<string, string>> };
  readonly image: { readonly properties: Readonly<Record<string, string>> };
}): IneffectiveName[] {
  const ofImage = Object.entries(server.image.properties)
    .filter(([name]) => name === FLAVOR_KEY || isSerialNearMiss(name))
    .map(([name, value]) => ({ input: 'image', name, value, use: IMAGE_KEY }) as const);
  return [...ineffectiveSpecs(server.flavor.extraSpecs), ...ofImage];
}

/** Describes a misspelled name in a sentence. */
export function describeIneffectiveName({ input, name, value, use }: IneffectiveName): string {
  const kind = input === 'flavor' ? 'extra spec of a flavor' : 'property of an image';
  return `The ${input} says ${name}=${value}, which has no effect: the ${kind} is called ${use}.`;
}
