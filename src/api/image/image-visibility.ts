import type { Caller } from '../../model/identity.ts';
import { parseImageId } from '../../model/ids.ts';
import type { Image } from '../../model/image.ts';
import type { Queries } from '../../store/promise/store.ts';

/**
 * The image, if the caller may see it: an administrator, the owning project, everybody for a public or
 * community image, and projects with which it is shared, accepted or not (glance/api/v2/images.py show). The
 * Image API and the Compute API use it for every reference to an image.
 */
export async function imageVisibleTo(
  store: Queries,
  caller: Caller,
  text: string,
): Promise<Image | undefined> {
  const id = parseImageId(text);
  const image = id === undefined ? undefined : await store.images.find(id);
  return image !== undefined && (await isVisible(store, caller, image)) ? image : undefined;
}

async function isVisible(store: Queries, caller: Caller, image: Image): Promise<boolean> {
  if (caller.isAdmin || image.owner === caller.projectId) return true;
  if (image.visibility === 'public' || image.visibility === 'community') return true;
  if (image.visibility !== 'shared') return false;
  const members = await store.images.members(image.id);
  return members.some(({ memberId }) => memberId === caller.projectId);
}
