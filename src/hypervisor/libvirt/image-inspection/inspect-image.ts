import { Failure } from '../../../model/failure.ts';
import type { DiskFormat } from '../../../model/image.ts';
import { gpt } from './gpt.ts';
import type { ImageBytes } from './image-bytes.ts';
import type { ContentFormat, InspectionOptions, Inspector } from './inspector.ts';
import { iso } from './iso.ts';
import { luks } from './luks.ts';
import { qcow2 } from './qcow2.ts';
import { qed } from './qed.ts';
import { unaccepted } from './unaccepted.ts';
import { vdi } from './vdi.ts';
import { vhd } from './vhd.ts';
import { vhdx } from './vhdx.ts';
import { vmdk } from './vmdk.ts';

const INSPECTORS: readonly Inspector[] = [qcow2, vhd, vhdx, vmdk, vdi, qed, iso, gpt, luks, ...unaccepted];

/** The formats in which images are read. */
export type ReadableFormat = Exclude<ContentFormat, 'gpt' | 'luks' | 'qed' | 'unaccepted'>;

/** An image as its owner declared it. */
export interface DeclaredImage {
  /** Its name or id, for error texts. */
  readonly name: string;
  readonly diskFormat: DiskFormat;
}

/**
 * Detects the format of an image by all inspectors.
 * @throws {Failure} `invalid` when the content matches more than one format, or is unsafe in its format
 */
async function detect(image: ImageBytes, name: string, options: InspectionOptions): Promise<ContentFormat> {
  const matches: Inspector[] = [];
  for (const inspector of INSPECTORS) if (await inspector.matches(image)) matches.push(inspector);
  const formats = matches.map((inspector) => inspector.format);
  // A bootable disc also has a partition table, so that it boots from a stick.
  const discOnStick = formats.length === 2 && formats.includes('iso') && formats.includes('gpt');
  if (formats.length > 1 && !discOnStick)
    throw new Failure(
      'invalid',
      `Image ${name} is unacceptable: its content could be read as ${formats.join(' and as ')}.`,
    );
  const found = discOnStick ? iso : matches[0];
  if (found === undefined) return 'raw';
  const danger = await found.danger(image, options);
  if (danger !== null) throw new Failure('invalid', `Image ${name} is unacceptable: it ${danger}.`);
  return found.format;
}

/**
 * Inspects an image before it is used. The content decides the format, which must agree with the declared
 * one. The rules are those of nova/virt/images.py fetch_to_raw, do_image_deep_inspection and oslo.utils'
 * format_inspector. ami, aki and ari are not inspected, because they are used only as raw bytes.
 * @returns the format in which to read the image
 * @throws {Failure} `invalid`, with the image and the finding
 */
export async function inspectImage(
  image: ImageBytes,
  declared: DeclaredImage,
  options: InspectionOptions,
): Promise<ReadableFormat> {
  const { name, diskFormat } = declared;
  if (diskFormat === 'ami' || diskFormat === 'aki' || diskFormat === 'ari') return 'raw';
  const found = await detect(image, name, options);
  const content = found === 'gpt' ? 'raw' : found;
  if (content === diskFormat && content !== 'qed') return content as ReadableFormat;
  throw new Failure(
    'invalid',
    `Image ${name} is unacceptable: its disk_format is ${diskFormat}, but its content is ${found}.`,
  );
}
