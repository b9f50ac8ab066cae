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

/** Formats that images are read in. */
export type ReadableFormat = Exclude<ContentFormat, 'gpt' | 'luks' | 'qed' | 'unaccepted'>;

/** What an image says of itself. */
export interface DeclaredImage {
  /** How sentences call it: its name or id. */
  readonly name: string;
  readonly diskFormat: DiskFormat;
}

/**
 * What the content of an image is: all inspectors look at it.
 * @throws {Failure} `invalid` when it could be read as more than one format, or is unsafe in the one it has.
 */
async function detect(image: ImageBytes, name: string, options: InspectionOptions): Promise<ContentFormat> {
  const matches: Inspector[] = [];
  for (const inspector of INSPECTORS) if (await inspector.matches(image)) matches.push(inspector);
  const formats = matches.map((inspector) => inspector.format);
  // A bootable disc has a partition table too, so that it boots from a stick.
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
 * Looks at an image before it is used: content decides what it is, and must agree with what is declared. The
 * rules are those of nova/virt/images.py fetch_to_raw, do_image_deep_inspection and oslo.utils'
 * format_inspector. ami, aki and ari are not looked into; they are used as raw bytes and nothing else.
 * @returns the format to read it in
 * @throws {Failure} `invalid`, naming the image and what was found.
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
