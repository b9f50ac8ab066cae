import { computeRoutes, computeVersionRoutes } from './compute/routes.ts';
import type { Service } from './http/service.ts';
import { identityService } from './identity/service.ts';
import { imageService } from './image/service.ts';
import { nameplateService } from './nameplate/service.ts';
import { networkService } from './network/service.ts';
import { openApiService } from './openapi/service.ts';

/**
 * Every service of the listener. Paths of routes are relative to the service's prefix; the Identity API also
 * answers at the host's root, and `context.base` is then the host alone. Handlers return JSON, a stream, a
 * `PreparedJson` or nothing, and may set status and headers through `context.reply`.
 */
export function services(): Service[] {
  return [
    identityService,
    imageService,
    networkService,
    nameplateService,
    openApiService(services),
    {
      name: 'compute',
      prefix: '/compute',
      routes: computeVersionRoutes,
      hasMicroversions: false,
      unknownMethod: 404,
      tokenBeforePath: true,
    },
    {
      name: 'compute',
      prefix: '/compute/v2.1',
      routes: computeRoutes,
      hasMicroversions: true,
      unknownMethod: 404,
      tokenBeforePath: true,
    },
  ];
}
