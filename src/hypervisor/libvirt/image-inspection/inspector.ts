import type { ImageBytes } from './image-bytes.ts';

/** What content can be recognised as; Glance's names, and the ones that only content has. */
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
  /** One that only QEMU's guessing would find. */
  | 'unaccepted';

/** What a check may be told by configuration. */
export interface InspectionOptions {
  /**
   * `[compute] vmdk_allowed_types` (nova/conf/compute.py vmdk_allowed_types); empty refuses all VMDK images.
   */
  readonly vmdkAllowedTypes: readonly string[];
}

/** Knows one format: by which bytes it is recognised, and what makes an image of it unsafe. */
export interface Inspector {
  readonly format: ContentFormat;
  matches(image: ImageBytes): Promise<boolean>;
  /**
   * Why an image of this format must not be used, as the end of a sentence that begins with the image; null
   * when it may.
   */
  danger(image: ImageBytes, options: InspectionOptions): Promise<string | null>;
}
