import type { FlavorSnapshot } from '../flavor.ts';
import type { GuestPlan } from '../guest.ts';
import type { ImageContent, ImageSnapshot } from '../image.ts';
import { CONTAINER_FORMATS, DISK_FORMATS } from '../image.ts';
import type { InjectedFile } from '../injected-file.ts';
import { Type } from '../schema.ts';
import { GUEST_PORTS } from './guest-port.ts';
import { GIVEN_IDENTITY, MACHINE_IDENTITY } from './machine-identity.ts';
import { count, dictionary, exactly, FILE_WORD, list, nullable, oneOf, text, UUID } from './primitives.ts';

/**
 * A generous limit: the control plane sends these values, and its API has already limited them. An agent
 * checks only their types.
 */
const VALUE = text(1024 * 1024);
/** A hexadecimal digest of any hash. Drivers use it in file names. */
const DIGEST = Type.String({ pattern: '^[0-9A-Za-z]{0,255}$' });
const WORDS = dictionary(VALUE, { most: 10_000, longestKey: 65_536 });

export const FLAVOR_SNAPSHOT = exactly<FlavorSnapshot>({
  id: VALUE,
  record: Type.Optional(VALUE),
  name: VALUE,
  vcpus: count(),
  ramMb: count(),
  rootGb: count(),
  ephemeralGb: count(),
  swapMb: count(),
  rxtxFactor: Type.Number(),
  extraSpecs: WORDS,
});

export const IMAGE_SNAPSHOT = exactly<ImageSnapshot>({
  id: UUID,
  name: VALUE,
  diskFormat: oneOf(DISK_FORMATS),
  containerFormat: oneOf(CONTAINER_FORMATS),
  checksum: DIGEST,
  hashValue: Type.Optional(nullable(DIGEST)),
  size: count(),
  minDisk: count(),
  minRam: count(),
  properties: WORDS,
  kernelId: nullable(UUID),
  ramdiskId: nullable(UUID),
});

export const INJECTED_FILES = list(exactly<InjectedFile>({ path: VALUE, contents: VALUE }), 1_000);

export const GUEST_PLAN = exactly<GuestPlan>({
  serverId: UUID,
  domainName: VALUE,
  displayName: VALUE,
  hostname: VALUE,
  projectId: VALUE,
  projectName: VALUE,
  userId: VALUE,
  userName: VALUE,
  flavor: FLAVOR_SNAPSHOT,
  image: IMAGE_SNAPSHOT,
  diskSet: FILE_WORD,
  availabilityZone: nullable(VALUE),
  metadata: WORDS,
  keyName: nullable(VALUE),
  keyPublic: nullable(VALUE),
  keyType: nullable(oneOf(['ssh', 'x509'])),
  userData: nullable(VALUE),
  files: Type.Optional(INJECTED_FILES),
  configDrive: Type.Boolean(),
  launchIndex: count(),
  reservationId: VALUE,
  machine: Type.Optional(nullable(MACHINE_IDENTITY)),
  given: Type.Optional(nullable(GIVEN_IDENTITY)),
  ports: Type.Optional(GUEST_PORTS),
  configuredInterface: Type.Optional(Type.Literal(true)),
});

const IMAGE_CONTENT = exactly<ImageContent>({ sha512: nullable(DIGEST), md5: DIGEST, size: count() });

/** Size and hashes of image data, by image. */
export const IMAGE_CONTENTS = dictionary(IMAGE_CONTENT, { most: 100, longestKey: 64 });

/** URLs of image data, by image. */
export const IMAGE_URLS = nullable(dictionary(text(8192), { most: 100, longestKey: 64 }));
