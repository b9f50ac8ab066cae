import type { ImageId, ProjectId } from '../../model/ids.ts';
import type { Image, ImageMember } from '../../model/image.ts';
import type { Page, TimeBound } from './page.ts';

export interface ImageFilter {
  /**
   * Images this project may see: its own, public, community when named, shared with it and accepted. Absent:
   * all.
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
   * @throws {Failure} `conflict` `Image ID x already exists!`, also when an image of that id has been deleted
   */
  insert(image: Image): Promise<void>;
  find(id: ImageId): Promise<Image | undefined>;
  list(filter: ImageFilter, page: Page): Promise<Image[]>;
  update(
    seen: { readonly id: ImageId; readonly generation: number },
    patch: Partial<Omit<Image, 'id' | 'generation' | 'createdAt'>>,
  ): Promise<Image>;
  /** Its id is retired: no other image is given it. @returns the image as it was when it was deleted */
  delete(id: ImageId): Promise<Image | undefined>;
  members(id: ImageId): Promise<ImageMember[]>;
  putMember(member: ImageMember): Promise<void>;
  deleteMember(id: ImageId, member: ProjectId): Promise<boolean>;
}
