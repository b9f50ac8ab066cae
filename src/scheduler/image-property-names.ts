/** Names that images had for properties before Nova gave them others (nova/objects/image_meta.py ImageMetaProps._legacy_property_map). */
const LEGACY: Readonly<Record<string, string>> = {
  hw_architecture: 'architecture',
  img_hv_type: 'hypervisor_type',
  img_hv_requested_version: 'hypervisor_version_requires',
  hw_vm_mode: 'vm_mode',
};

/** An image's property, also by its older name; undefined when it is not set, or to nothing. */
export function propertyOf(
  { properties }: { readonly properties: Readonly<Record<string, string>> },
  name: string,
): string | undefined {
  const legacy = LEGACY[name];
  return own(properties, name) || (legacy === undefined ? undefined : own(properties, legacy)) || undefined;
}

function own(properties: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}
