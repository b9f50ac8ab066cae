import type { Static } from 'typebox';
import { Failure } from '../../model/failure.ts';
import type { Image } from '../../model/image.ts';
import { Type } from '../../model/schema.ts';
import type { ImageFilter } from '../../store/promise/images.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { imageMarker } from '../image/image-marker.ts';
import { imagePage } from '../image/image-pages.ts';
import { imageVisibleTo } from '../image/image-visibility.ts';
import { LimitSchema } from './field-schemas.ts';
import {
  briefImage,
  briefImagesOfCompute,
  oneImageOfCompute,
  statusesOf,
  wholeImage,
  wholeImagesOfCompute,
} from './image-proxy-view.ts';
import { nextLinks } from './links.ts';
import { notBuilt } from './not-implemented.ts';
import { pageLimit } from './paging.ts';
import { metadataShape, metaItem } from './small-shapes.ts';

/** 2.36 removes images from the Compute API, 2.39 their metadata. */
const IMAGES = { until: '2.35', access: 'reader', policy: 'os_compute_api:images' } as const;
const METADATA = { until: '2.38', access: 'reader', policy: 'os_compute_api:image-metadata' } as const;

const text = Type.Optional(Type.String());
const Query = Type.Object({
  limit: Type.Optional(LimitSchema),
  marker: text,
  name: text,
  status: text,
  server: text,
  type: text,
  minRam: text,
  minDisk: text,
  'changes-since': text,
});
type Query = Static<typeof Query>;
const Params = Type.Object({ image_id: Type.String() });
const KeyParams = Type.Object({ image_id: Type.String(), key: Type.String() });

/** @throws {Failure} `invalid` on a malformed time, or an unknown marker */
async function list(
  context: RequestContext<unknown, Query>,
  path: string,
  view: (image: Image, base: string) => object,
): Promise<object> {
  const { query, parts, base } = context;
  const limit = pageLimit(query.limit, parts.config.api.max_limit);
  const marker = await imageMarker(parts.store, context.caller, query.marker);
  const { images, next } = await imagePage(parts.store, {
    filter: filterOf(context),
    page: { limit, ...(marker !== undefined && { marker }) },
    isWanted: (image) => hasRoom(image, query),
  });
  const links = next && nextLinks({ base, path, query }, { limit: 0, count: 0, lastId: next });
  return { images: images.map((image) => view(image, base)), ...(links && { images_links: links }) };
}

function filterOf({ query, caller }: RequestContext<unknown, Query>): ImageFilter {
  const properties = {
    ...(query.server !== undefined && { instance_uuid: query.server.replace(/^.*\//, '') }),
    ...(query.type !== undefined && { image_type: query.type }),
  };
  return {
    hidden: false,
    ...(!caller.isAdmin && caller.projectId !== null && { visibleTo: caller.projectId }),
    ...(query.name !== undefined && { names: [query.name] }),
    ...(query.status !== undefined && { statuses: statusesOf(query.status) }),
    ...(query['changes-since'] !== undefined && {
      updatedAt: [{ operator: 'gte' as const, at: timeOf(query['changes-since']) }],
    }),
    ...(Object.keys(properties).length > 0 && { properties }),
  };
}

function timeOf(word: string): number {
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(word) ? word : `${word}Z`);
  if (Number.isNaN(at)) throw new Failure('invalid', `Invalid changes-since value [${word}]`);
  return at;
}

function hasRoom(image: Image, { minRam, minDisk }: Query): boolean {
  return (
    (minRam === undefined || image.minRam >= Number(minRam)) &&
    (minDisk === undefined || image.minDisk >= Number(minDisk))
  );
}

/** @throws {Failure} `not-found` when the caller may see no such image */
async function visibleImage({ parts, caller, params }: RequestContext<{ image_id: string }>): Promise<Image> {
  const image = await imageVisibleTo(parts.store, caller, params.image_id);
  if (image === undefined) throw new Failure('not-found', 'Image not found.');
  return image;
}

const changing = (method: Route['method'], path: string) =>
  notBuilt({ ...METADATA, method, path, what: 'Changing the metadata of images through the Compute API' });

/** https://docs.openstack.org/api-ref/compute/#images-deprecated: superseded by the Image API. */
export const imageProxyRoutes: Route[] = [
  route({
    ...IMAGES,
    method: 'GET',
    path: '/images',
    summary: 'List images',
    schemas: { query: Query },
    status: 200,
    response: briefImagesOfCompute,
    handle: (context) => list(context, 'images', briefImage),
  }),
  route({
    ...IMAGES,
    method: 'GET',
    path: '/images/detail',
    summary: 'List images in detail',
    schemas: { query: Query },
    status: 200,
    response: wholeImagesOfCompute,
    handle: (context) => list(context, 'images/detail', wholeImage),
  }),
  route({
    ...IMAGES,
    method: 'GET',
    path: '/images/:image_id',
    summary: 'Show an image',
    schemas: { params: Params },
    status: 200,
    response: oneImageOfCompute,
    handle: async (context) => ({ image: wholeImage(await visibleImage(context), context.base) }),
  }),
  notBuilt({
    ...IMAGES,
    method: 'DELETE',
    path: '/images/:image_id',
    what: 'Deleting images through the Compute API',
  }),
  route({
    ...METADATA,
    method: 'GET',
    path: '/images/:image_id/metadata',
    summary: "List an image's metadata",
    schemas: { params: Params },
    status: 200,
    response: metadataShape,
    handle: async (context) => ({ metadata: (await visibleImage(context)).properties }),
  }),
  route({
    ...METADATA,
    method: 'GET',
    path: '/images/:image_id/metadata/:key',
    summary: "Show one item of an image's metadata",
    schemas: { params: KeyParams },
    status: 200,
    response: metaItem,
    handle: async (context) => {
      const { key } = context.params;
      const { properties } = await visibleImage(context);
      if (!Object.hasOwn(properties, key)) throw new Failure('not-found', 'Metadata item was not found');
      return { meta: { [key]: properties[key] } };
    },
  }),
  changing('POST', '/images/:image_id/metadata'),
  changing('PUT', '/images/:image_id/metadata'),
  changing('PUT', '/images/:image_id/metadata/:key'),
  changing('DELETE', '/images/:image_id/metadata/:key'),
];
