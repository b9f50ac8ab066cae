import { Failure } from '../../model/failure.ts';
import type { Image } from '../../model/image.ts';
import { notImplemented } from '../http/failures.ts';
import { type Route, route } from '../http/route.ts';
import { changeImage } from './change-image.ts';
import { ImageParams } from './schemas.ts';
import { importMethods } from './shapes.ts';
import { ownImage } from './visible-image.ts';

function switching(action: 'deactivate' | 'reactivate', to: 'active' | 'deactivated'): Route {
  const from: Image['status'] = to === 'active' ? 'deactivated' : 'active';
  return route({
    method: 'POST',
    path: `/v2/images/:id/actions/${action}`,
    access: 'member',
    policy: action,
    summary:
      to === 'active' ? 'Let image data be downloaded again' : 'Let only administrators download image data',
    schemas: { params: ImageParams },
    status: 204,
    handle: async ({ params, caller, parts }) => {
      const seen = await ownImage({ store: parts.store, caller, policy: action }, params.id);
      await changeImage(parts, seen, ({ status }) => {
        if (status !== from && status !== to)
          throw new Failure('forbidden', `Not allowed to ${action} image in status '${status}'`);
        return { status: to };
      });
    },
  });
}

function refused(method: Route['method'], path: string, what: string): Route {
  return route({
    method,
    path,
    access: 'member',
    policy: 'import_image',
    summary: `${what}: not implemented`,
    status: 501,
    handle: async () => {
      throw notImplemented(what);
    },
  });
}

/** Deactivate and reactivate, and the import methods, none of which is enabled. */
export const imageActionRoutes: readonly Route[] = [
  switching('deactivate', 'deactivated'),
  switching('reactivate', 'active'),
  route({
    method: 'GET',
    path: '/v2/info/import',
    access: 'token',
    policy: 'get_info_import',
    summary: 'List the ways of import: none',
    status: 200,
    response: importMethods,
    handle: async () => ({
      'import-methods': { description: 'Import methods available.', type: 'array', value: [] },
    }),
  }),
  refused('POST', '/v2/images/:id/import', 'Interoperable image import'),
  refused('PUT', '/v2/images/:id/stage', 'Staging image data'),
];
