import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ImageId } from '../../model/ids.ts';

/**
 * How long after it was made a link may be followed, milliseconds. What has begun by then is read to its end.
 */
const LIFE_MS = 15 * 60_000;

/**
 * Links to image data for agents, which have no other credentials for the API: whoever has one may read that
 * one image, for a while.
 */
export interface ImageLinks {
  /** The URLs of some images, as the command `create-disks` carries them. */
  linksTo(images: readonly ImageId[]): Readonly<Record<ImageId, string>>;
  /** Whether these are a link's words, and its time is not over. */
  admits(link: { readonly image: string; readonly until: string; readonly key: string }): boolean;
}

/** Where links lead to, below the control plane's URL. */
export const IMAGE_LINK_PATH = '/nameplate/v1/image-data';

/**
 * @param parts.secret shared by all replicas: each admits what another made
 * @param parts.base the URL under which agents reach this replica, or any
 * @param parts.now epoch milliseconds
 */
export function createImageLinks(parts: {
  readonly secret: string;
  readonly base: () => string;
  readonly now: () => number;
}): ImageLinks {
  const keyOf = (image: string, until: string) =>
    createHmac('sha256', parts.secret).update(`image-data\n${image}\n${until}`).digest();
  return {
    linksTo(images) {
      const until = String(parts.now() + LIFE_MS);
      const link = (image: ImageId) => {
        const key = keyOf(image, until).toString('base64url');
        return `${parts.base()}${IMAGE_LINK_PATH}/${image}?until=${until}&key=${key}`;
      };
      return Object.fromEntries(images.map((image) => [image, link(image)]));
    },
    admits({ image, until, key }) {
      if (!/^\d{1,16}$/.test(until)) return false;
      const expected = keyOf(image, until);
      const given = Buffer.from(key, 'base64url');
      const isKey = given.length === expected.length && timingSafeEqual(given, expected);
      return isKey && parts.now() < Number(until);
    },
  };
}
