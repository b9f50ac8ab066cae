import type { ImageId, ProjectId } from './ids.ts';

/** The disk formats that the Image API accepts (Glance's names). */
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
 * A server's copy of its image, made at create or rebuild (nova/utils.py get_system_metadata_from_image).
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
  /** Custom properties, including hw_unique_serial, as the user wrote them. */
  readonly properties: Readonly<Record<string, string>>;
  readonly kernelId: ImageId | null;
  readonly ramdiskId: ImageId | null;
}

declare const dataName: unique symbol;
/** The name of one upload's data: the image's id and the attempt. */
export type ImageDataName = string & { readonly [dataName]: true };

/** @param attempt unique among all uploads */
export function imageDataName(image: ImageId, attempt: string): ImageDataName {
  return `${image}.${attempt}` as ImageDataName;
}

/**
 * Size and hashes of an image's data, from the image's record. A compute host refuses data that differs.
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

/** URLs from which a host may read image data; null: it shares the control plane's process and needs none. */
export type ImageUrls = Readonly<Record<ImageId, string>> | null;

/** Size and hashes of a server's image, from the server's copy. */
export function contentOf({ hashValue, checksum, size }: ImageSnapshot): ImageContent {
  return { sha512: hashValue ?? null, md5: checksum, size };
}

/** An image as the store keeps it. */
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
  /** bytes; null before the upload */
  readonly size: number | null;
  /** bytes; null when unknown */
  readonly virtualSize: number | null;
  /** md5, hex */
  readonly checksum: string | null;
  /** sha512, hex */
  readonly hashValue: string | null;
  /**
   * The data of the one upload that was committed; null before that. Data of other uploads is never served.
   */
  readonly data: ImageDataName | null;
  /** The upload in progress, while the status is `saving`. */
  readonly upload: ImageDataName | null;
  /** Custom properties. Only properties that may be null in Glance's schema are. */
  readonly properties: Readonly<Record<string, string | null>>;
  readonly tags: readonly string[];
  /** Epoch milliseconds */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The membership of a project in a shared image. */
export interface ImageMember {
  readonly imageId: ImageId;
  readonly memberId: ProjectId;
  readonly status: 'pending' | 'accepted' | 'rejected';
  readonly createdAt: number;
  readonly updatedAt: number;
}
