import type { Flavor } from '../../model/flavor.ts';
import type { FlavorId, ProjectId } from '../../model/ids.ts';
import type { Page } from './page.ts';

export interface FlavorQueries {
  /** @throws {Failure} `conflict` when the name or the id is in use */
  insert(flavor: Flavor): Promise<void>;
  find(id: FlavorId): Promise<Flavor | undefined>;
  /**
   * With `visibleTo`, only flavors that are public or accessible to the project.
   * @throws {Failure} `invalid` on an unknown marker
   */
  list(
    filter: {
      readonly isPublic?: boolean;
      readonly visibleTo?: ProjectId;
      readonly minRamMb?: number;
      readonly minDiskGb?: number;
      readonly disabled?: boolean;
    },
    page: Page,
  ): Promise<Flavor[]>;
  update(
    seen: { readonly id: FlavorId; readonly generation: number },
    patch: Partial<Pick<Flavor, 'description' | 'extraSpecs' | 'access'>>,
  ): Promise<Flavor>;
  delete(id: FlavorId): Promise<boolean>;
}
