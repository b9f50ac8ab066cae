import { Failure } from '../../../model/failure.ts';
import { parseFlexibleBoolean } from '../../../model/flexible-boolean.ts';
import type { ImageSnapshot } from '../../../model/image.ts';
import type { DiskConfig } from '../../../model/server.ts';

type DiskConfigField = { readonly 'OS-DCF:diskConfig'?: string };

/**
 * The disk configuration that a create, rebuild or update asks for; without a word, what the image's property
 * `auto_disk_config` says, or MANUAL (nova/compute/api.py _inherit_properties_from_image).
 * @throws {Failure} `invalid` when it is AUTO and the image forbids that
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
