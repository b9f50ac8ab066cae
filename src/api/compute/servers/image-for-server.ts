import { checkBootProperties } from '../../../model/check-image-property.ts';
import { Failure } from '../../../model/failure.ts';
import type { FlavorSnapshot } from '../../../model/flavor.ts';
import type { Caller } from '../../../model/identity.ts';
import type { Image, ImageSnapshot } from '../../../model/image.ts';
import { snapshotProperties } from '../../../model/image-snapshot-properties.ts';
import type { Queries } from '../../../store/promise/store.ts';
import { type UsableImage, usableImage } from './usable-image.ts';
import { requireDisk } from './zero-disk.ts';

const GIB = 1024 ** 3;

/**
 * The image of a new or rebuilt server, as the server stores it.
 * @throws {Failure} `invalid`, with Nova's text, when the image is missing, not visible, not active, or too
 *   large for the flavor
 */
export async function imageForServer(
  store: Queries,
  caller: Caller,
  of: { readonly imageRef: string; readonly flavor: FlavorSnapshot },
): Promise<ImageSnapshot> {
  const usable = await usableImage(store, caller, of.imageRef);
  const { image } = usable;
  requireFits(image, of.flavor);
  requireDisk(caller, of.flavor);
  checkBootProperties(image.properties);
  return snapshotOf(usable);
}

/**
 * An image in the form in which hosts fetch it.
 * @throws {Failure} `invalid` when it is missing, not visible, not active, or without data
 */
export async function imageForHosts(store: Queries, caller: Caller, ref: string): Promise<ImageSnapshot> {
  return snapshotOf(await usableImage(store, caller, ref));
}

/** nova/compute/api.py _validate_flavor_image_nostatus */
function requireFits(image: Image, flavor: FlavorSnapshot): void {
  if (image.minRam > flavor.ramMb)
    throw new Failure('invalid', "Flavor's memory is too small for requested image.");
  if (flavor.rootGb === 0) return;
  const disk = flavor.rootGb * GIB;
  if ((image.size ?? 0) > disk)
    throw new Failure(
      'invalid',
      `Flavor's disk is too small for requested image. Flavor disk is ${disk} bytes, image is ${image.size} bytes.`,
    );
  if (image.minDisk > flavor.rootGb)
    throw new Failure(
      'invalid',
      `Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk is ${disk} bytes, minimum size is ${image.minDisk * GIB} bytes.`,
    );
}

/** @throws {Failure} `invalid` for an image without format or data, which cannot be booted */
function snapshotOf({ image, kernelId, ramdiskId }: UsableImage): ImageSnapshot {
  const { id, name, diskFormat, containerFormat, checksum, hashValue, size, minDisk, minRam, properties } =
    image;
  if (diskFormat === null || containerFormat === null || checksum === null || size === null)
    throw new Failure(
      'invalid',
      `Image ${id} is unacceptable: it has no disk_format, container_format or data.`,
    );
  return {
    id,
    name: name ?? '',
    diskFormat,
    containerFormat,
    checksum,
    hashValue,
    size,
    minDisk,
    minRam,
    properties: snapshotProperties(properties),
    kernelId,
    ramdiskId,
  };
}
