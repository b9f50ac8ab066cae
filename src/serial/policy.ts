import type { FlavorSnapshot } from '../model/flavor.ts';
import { parseFlexibleBoolean } from '../model/flexible-boolean.ts';
import type { ImageSnapshot } from '../model/image.ts';

/** The flavor extra spec and the image property of the specification. */
export const FLAVOR_KEY = 'hw:unique_serial';
export const IMAGE_KEY = 'hw_unique_serial';

/** `[libvirt] sysinfo_serial` (nova/conf/libvirt.py). */
export const SERIAL_OPTIONS = ['none', 'os', 'hardware', 'auto', 'unique'] as const;
export type SerialOption = (typeof SERIAL_OPTIONS)[number];

/** What flavor and image of a server say; undefined: nothing. */
export interface SerialWishes {
  readonly flavor: boolean | undefined;
  readonly image: boolean | undefined;
}

/** A server's wishes, read from its own snapshots. Words that are no boolean were refused where they entered; one found here counts as unset. */
export function wishesOf(server: {
  flavor: Pick<FlavorSnapshot, 'extraSpecs'>;
  image: Pick<ImageSnapshot, 'properties'>;
}): SerialWishes {
  return {
    flavor: read(server.flavor.extraSpecs[FLAVOR_KEY]),
    image: read(server.image.properties[IMAGE_KEY]),
  };
}

/** Whether the server's own UUID must be its serial whatever the host says: then the host's source is not even read. */
export function demandsOwnSerial(wishes: SerialWishes): boolean {
  return wishes.flavor === true || wishes.image === true;
}

function read(word: string | undefined): boolean | undefined {
  return word === undefined ? undefined : parseFlexibleBoolean(word);
}
