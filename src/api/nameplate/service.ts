import type { Service } from '../http/service.ts';
import { cachesRoute } from './caches.ts';
import { identityRoutes } from './identity-routes.ts';
import { imageDataRoute } from './image-data.ts';
import { importRoutes } from './import.ts';
import { operationRoutes } from './operations.ts';
import { serialRoutes } from './serials.ts';

/** Nameplate's own API. */
export const nameplateService: Service = {
  name: 'nameplate',
  prefix: '/nameplate/v1',
  routes: [
    ...serialRoutes,
    ...identityRoutes,
    ...importRoutes,
    ...operationRoutes,
    cachesRoute,
    imageDataRoute,
  ],
  hasMicroversions: false,
  unknownMethod: 404,
  tokenBeforePath: true,
};
