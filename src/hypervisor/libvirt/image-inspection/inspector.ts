import type { ImageBytes } from './image-bytes.ts';

/** The formats that content can have: Glance's names, and formats that cannot be declared. */
export type ContentFormat =
  | 'raw'
  | 'qcow2'
  | 'vhd'
  | 'vhdx'
  | 'vmdk'
  | 'vdi'
  | 'qed'
  | 'iso'
  | 'gpt'
  | 'luks'
  /** A format that only QEMU's probing would detect. */
  | 'unaccepted';

/** Configuration of the checks. */
export interface InspectionOptions {
  /**
   * `[compute] vmdk_allowed_types` (nova/conf/compute.py vmdk_allowed_types); empty refuses all VMDK images.
   */
  readonly vmdkAllowedTypes: readonly string[];
}

/** Recognises one format by its bytes, and decides whether an image of it is safe. */
export interface Inspector {
  readonly format: ContentFormat;
  matches(image: ImageBytes): Promise<boolean>;
  /**
   * Why an image of this format must not be used, as the end of a sentence that begins with the image; null
   * when it is safe.
   */
  danger(image: ImageBytes, options: InspectionOptions): Promise<string | null>;
}
