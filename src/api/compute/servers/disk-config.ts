import { Failure } from '../../../model/failure.ts';
import { parseFlexibleBoolean } from '../../../model/flexible-boolean.ts';
import type { ImageSnapshot } from '../../../model/image.ts';
import type { DiskConfig } from '../../../model/server.ts';

type DiskConfigField = { readonly 'OS-DCF:diskConfig'?: string };

/**
 * The disk configuration of a create, rebuild or update. By default that of the image's property
 * `auto_disk_config`, or MANUAL (nova/compute/api.py _inherit_properties_from_image).
 * @throws {Failure} `invalid` when the request says AUTO and the image forbids it
 */
export function diskConfigOf(
  body: DiskConfigField,
  { id, properties }: Pick<ImageSnapshot, 'id' | 'properties'>,
): DiskConfig {
  const said = properties.auto_disk_config ?? '';
  const asked = body['OS-DCF:diskConfig'];
  if (asked === 'AUTO' && said.trim().toLowerCase() === 'disabled')
    throw new Failure('invalid', `Requested image ${id} has automatic disk resize disabled.`);
  const automatic = asked === undefined ? parseFlexibleBoolean(said) === true : asked === 'AUTO';
  return automatic ? 'AUTO' : 'MANUAL';
}
