import type { FlavorSnapshot } from '../model/flavor.ts';
import { parseFlexibleBoolean } from '../model/flexible-boolean.ts';
import type { GivenIdentity } from '../model/given-identity.ts';
import type { ImageSnapshot } from '../model/image.ts';

/** The flavor extra spec and the image property of the specification. */
export const FLAVOR_KEY = 'hw:unique_serial';
export const IMAGE_KEY = 'hw_unique_serial';

/** `[libvirt] sysinfo_serial` (nova/conf/libvirt.py sysinfo_serial). */
export const SERIAL_OPTIONS = ['none', 'os', 'hardware', 'auto', 'unique'] as const;
export type SerialOption = (typeof SERIAL_OPTIONS)[number];

/** What a server's import, flavor and image demand; undefined where they are silent. */
export interface SerialPolicy {
  readonly flavor: boolean | undefined;
  readonly image: boolean | undefined;
  /** The serial that the server was imported with; null: none. */
  readonly given?: string | null;
}

/**
 * Reads the policy from the server's own snapshots. The API refused values that are no boolean; one found
 * here counts as unset.
 */
export function serialPolicyOf(server: {
  flavor: Pick<FlavorSnapshot, 'extraSpecs'>;
  image: Pick<ImageSnapshot, 'properties'>;
  given?: Pick<GivenIdentity, 'serial'> | null;
}): SerialPolicy {
  const given = server.given?.serial;
  return {
    ...(given !== undefined && { given }),
    flavor: read(server.flavor.extraSpecs[FLAVOR_KEY]),
    image: read(server.image.properties[IMAGE_KEY]),
  };
}

/**
 * Whether the guest must have the same serial on every host: the server's UUID, or what it was imported with.
 * Then the host's source is not even read.
 */
export function demandsOwnSerial({ flavor, image, given }: SerialPolicy): boolean {
  return typeof given === 'string' || (given === undefined && (flavor === true || image === true));
}

function read(word: string | undefined): boolean | undefined {
  return word === undefined ? undefined : parseFlexibleBoolean(word);
}
