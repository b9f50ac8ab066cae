import { Failure } from '../../../model/failure.ts';
import { idInReference } from '../../http/id-in-reference.ts';
import type { CreateBody, RequestedDevice } from './create-schemas.ts';

const NO_VOLUMES =
  'Block Device Mapping is Invalid: there is no volume service; a server boots from an image, on a local disk.';

/**
 * The image of a create: `imageRef`, or the only form of a block device mapping with the same meaning.
 * @throws {Failure} `invalid` if no image is named, or a volume
 */
export function requestedImage(server: CreateBody['server']): string {
  if ((server.block_device_mapping ?? []).length > 0) throw new Failure('invalid', NO_VOLUMES);
  const mapped = (server.block_device_mapping_v2 ?? []).map(imageOfDevice);
  if (mapped.length > 1)
    throw new Failure(
      'invalid',
      'Block Device Mapping is Invalid: Boot sequence for the instance and image/block device mapping combination is not valid.',
    );
  const [fromMapping] = mapped;
  const { imageRef } = server;
  const named = imageRef === undefined || imageRef === '' ? undefined : idInReference(imageRef);
  if (named !== undefined && fromMapping !== undefined && named !== fromMapping)
    throw new Failure('invalid', 'Block Device Mapping is Invalid: it names another image than imageRef.');
  const image = named ?? fromMapping;
  if (image === undefined) throw new Failure('invalid', 'Missing imageRef attribute');
  return image;
}

function imageOfDevice({ source_type, destination_type, boot_index, uuid }: RequestedDevice): string {
  const isImageOnDisk = source_type === 'image' && destination_type === 'local' && Number(boot_index) === 0;
  if (!isImageOnDisk || typeof uuid !== 'string') throw new Failure('invalid', NO_VOLUMES);
  return uuid;
}
