import { isSerialNearMiss } from '../model/serial-near-miss.ts';
import { FLAVOR_KEY, IMAGE_KEY } from './policy.ts';

/** A name on a flavor or an image that was most likely meant as the right one, and does nothing. */
export interface IneffectiveName {
  readonly input: 'flavor' | 'image';
  readonly name: string;
  readonly value: string;
  /** The name that would have an effect there. */
  readonly use: string;
}

/** Of a flavor's extra specs. `hw_unique_serial` is stored there, since aggregates may be matched by it, as in Nova. */
export function ineffectiveSpecs(extraSpecs: Readonly<Record<string, string>>): IneffectiveName[] {
  return Object.entries(extraSpecs)
    .filter(([name]) => name === IMAGE_KEY || isSerialNearMiss(name))
    .map(([name, value]) => ({ input: 'flavor', name, value, use: FLAVOR_KEY }));
}

/** Of a server's own copies of its flavor and image. */
export function ineffectiveNames(server: {
  readonly flavor: { readonly extraSpecs: Readonly<Record<string, string>> };
  readonly image: { readonly properties: Readonly<Record<string, string>> };
}): IneffectiveName[] {
  const ofImage = Object.entries(server.image.properties)
    .filter(([name]) => name === FLAVOR_KEY || isSerialNearMiss(name))
    .map(([name, value]) => ({ input: 'image', name, value, use: IMAGE_KEY }) as const);
  return [...ineffectiveSpecs(server.flavor.extraSpecs), ...ofImage];
}

/** In one sentence, for people. */
export function describeIneffectiveName({ input, name, value, use }: IneffectiveName): string {
  const kind = input === 'flavor' ? 'extra spec of a flavor' : 'property of an image';
  return `The ${input} says ${name}=${value}, which has no effect: the ${kind} is called ${use}.`;
}
