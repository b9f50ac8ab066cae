import { parseFlexibleBoolean } from '../model/flexible-boolean.ts';
import { type AggregateMetadata, listValues, perMetadata } from './aggregate-metadata.ts';
import type { Filter, HostRequirements } from './filter.ts';
import { propertyOf } from './image-property-names.ts';

/**
 * Prefixes of the properties that Nova compares; it ignores all others (nova/objects/image_meta.py
 * ImageMetaProps).
 */
const KNOWN = /^(?:hw|img|os)_/;

/**
 * Refuses hosts whose aggregates give a property other values than the image does. An image without the
 * property, or with false, passes (nova/scheduler/filters/aggregate_image_properties_isolation.py
 * AggregateImagePropertiesIsolation). Both sides may use any spelling of a boolean; Nova compares with the
 * text `True`.
 */
export const aggregateImagePropertiesFilter: Filter = {
  name: 'AggregateImagePropertiesIsolation',
  onRebuild: true,
  testFor({ image }) {
    if (Object.keys(image.properties).length === 0) return undefined;
    const refusal = perMetadata((metadata) => refusalOf(image, metadata));
    return ({ metadata }) => refusal(metadata);
  },
};

function refusalOf(image: HostRequirements['image'], metadata: AggregateMetadata): string | undefined {
  for (const [key, options] of metadata) {
    const value = KNOWN.test(key) ? propertyOf(image, key) : undefined;
    if (value === undefined || options.has(value)) continue;
    const truth = parseFlexibleBoolean(value);
    if (truth === false) continue;
    if (truth === true && [...options].some((option) => parseFlexibleBoolean(option) === true)) continue;
    return `The image has ${key}='${value}'; the host's aggregates take ${listValues(options)}.`;
  }
  return undefined;
}
