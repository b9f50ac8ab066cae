import type { ImageId, ProjectId } from './ids.ts';

/** The disk formats that Nameplate takes (Glance's names). */
export const DISK_FORMATS = [
  'raw',
  'qcow2',
  'iso',
  'vmdk',
  'vdi',
  'vhd',
  'vhdx',
  'qed',
  'ami',
  'aki',
  'ari',
] as const;
export type DiskFormat = (typeof DISK_FORMATS)[number];
export const CONTAINER_FORMATS = ['bare', 'ami', 'aki', 'ari', 'ovf', 'ova', 'docker'] as const;
export type ContainerFormat = (typeof CONTAINER_FORMATS)[number];
export type ImageStatus =
  | 'queued'
  | 'saving'
  | 'active'
  | 'deactivated'
  | 'killed'
  | 'deleted'
  | 'pending_delete';
export type ImageVisibility = 'public' | 'private' | 'shared' | 'community';

/**
 * What a server keeps of its image: a copy made at create or rebuild (nova/utils.py
 * get_system_metadata_from_image).
 */
export interface ImageSnapshot {
  readonly id: ImageId;
  readonly name: string;
  readonly diskFormat: DiskFormat;
  readonly containerFormat: ContainerFormat;
  /** md5, hex */
  readonly checksum: string;
  /** SHA-512, hex: names the cached base file. Absent from servers made by release 0.1. */
  readonly hashValue?: string | null;
  /** bytes */
  readonly size: number;
  /** GiB */
  readonly minDisk: number;
  /** MiB */
  readonly minRam: number;
  /** Custom properties, hw_unique_serial among them, as the user wrote them. */
  readonly properties: Readonly<Record<string, string>>;
  readonly kernelId: ImageId | null;
  readonly ramdiskId: ImageId | null;
}

declare const dataName: unique symbol;
/** Names the data of one upload: the image's id and the attempt. */
export type ImageDataName = string & { readonly [dataName]: true };

/** @param attempt unlike that of any other upload */
export function imageDataName(image: ImageId, attempt: string): ImageDataName {
  return `${image}.${attempt}` as ImageDataName;
}

/**
 * What the record of an image says of its data. A compute host takes nothing for an image's data that is not
 * this.
 */
export interface ImageContent {
  /** SHA-512, hex; null for an image whose record has none. */
  readonly sha512: string | null;
  /** md5, hex */
  readonly md5: string;
  /** bytes */
  readonly size: number;
}

/** The content of each image that a host may use for a command. */
export type ImageContents = Readonly<Record<ImageId, ImageContent>>;

/** URLs from which a host may read the data of images; null: it has a way of its own. */
export type ImageUrls = Readonly<Record<ImageId, string>> | null;

/** The content that a server's own copy of its image names. */
export function contentOf({ hashValue, checksum, size }: ImageSnapshot): ImageContent {
  return { sha512: hashValue ?? null, md5: checksum, size };
}

/** An image as the Image API keeps it. */
export interface Image {
  readonly id: ImageId;
  readonly generation: number;
  readonly name: string | null;
  readonly owner: ProjectId;
  readonly status: ImageStatus;
  readonly visibility: ImageVisibility;
  readonly protected: boolean;
  readonly hidden: boolean;
  readonly diskFormat: DiskFormat | null;
  readonly containerFormat: ContainerFormat | null;
  /** GiB */
  readonly minDisk: number;
  /** MiB */
  readonly minRam: number;
  /** bytes; null until data has come */
  readonly size: number | null;
  /** bytes; null when unknown */
  readonly virtualSize: number | null;
  /** md5, hex */
  readonly checksum: string | null;
  /** sha512, hex */
  readonly hashValue: string | null;
  /**
   * The data of the one upload that was committed; null until then. What another upload left is never served.
   */
  readonly data: ImageDataName | null;
  /** The upload under way, while the status is `saving`. */
  readonly upload: ImageDataName | null;
  /** Custom properties. Only what Glance's schema lets be null is. */
  readonly properties: Readonly<Record<string, string | null>>;
  readonly tags: readonly string[];
  /** Epoch milliseconds */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A project with which a shared image is shared. */
export interface ImageMember {
  readonly imageId: ImageId;
  readonly memberId: ProjectId;
  readonly status: 'pending' | 'accepted' | 'rejected';
  readonly createdAt: number;
  readonly updatedAt: number;
}
