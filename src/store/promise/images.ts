import type { ImageId, ProjectId } from '../../model/ids.ts';
import type { Image, ImageMember } from '../../model/image.ts';
import type { Page, TimeBound } from './page.ts';

export interface ImageFilter {
  /**
   * Only images that this project may see: its own, public ones, community ones that are named, and shared
   * ones that it has accepted. Absent: all images.
   */
  readonly visibleTo?: ProjectId;
  readonly names?: readonly string[];
  readonly statuses?: readonly string[];
  readonly visibility?: string;
  readonly memberStatus?: string;
  readonly owner?: ProjectId;
  readonly tags?: readonly string[];
  readonly diskFormats?: readonly string[];
  readonly containerFormats?: readonly string[];
  readonly sizeMin?: number;
  readonly sizeMax?: number;
  readonly hidden?: boolean;
  readonly protected?: boolean;
  readonly createdAt?: readonly TimeBound[];
  readonly updatedAt?: readonly TimeBound[];
  readonly properties?: Readonly<Record<string, string>>;
}

export interface ImageQueries {
  /**
   * @throws {Failure} `conflict` `Image ID x already exists!`, also when an image with that id was deleted
   */
  insert(image: Image): Promise<void>;
  find(id: ImageId): Promise<Image | undefined>;
  list(filter: ImageFilter, page: Page): Promise<Image[]>;
  update(
    seen: { readonly id: ImageId; readonly generation: number },
    patch: Partial<Omit<Image, 'id' | 'generation' | 'createdAt'>>,
  ): Promise<Image>;
  /** Deletes an image and retires its id, so that no other image can have it. @returns the image as it was */
  delete(id: ImageId): Promise<Image | undefined>;
  members(id: ImageId): Promise<ImageMember[]>;
  putMember(member: ImageMember): Promise<void>;
  deleteMember(id: ImageId, member: ProjectId): Promise<boolean>;
}
