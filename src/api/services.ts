import { computeRoutes, computeVersionRoutes } from './compute/routes.ts';
import type { Service } from './http/service.ts';
import { identityService } from './identity/service.ts';
import { imageService } from './image/service.ts';
import { nameplateService } from './nameplate/service.ts';
import { networkService } from './network/service.ts';
import { openApiService } from './openapi/service.ts';

/**
 * Every service of the listener. A new one is added here, e.g. identity: prefix `/identity`, route paths `/`,
 * `/v3`, `/v3/auth/tokens`, … (the host's root `/v3` comes to them by itself, and `ask.base` is then the bare
 * host); image: prefix `/image`, paths `/`, `/v2/images`, …. Handlers return what is sent as JSON, a stream,
 * a `PreparedJson`, or nothing; they may set `ask.reply.code()` and headers.
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
