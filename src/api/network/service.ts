import type { Service } from '../http/service.ts';
import { versionRoutes } from './versions.ts';

/** Networking v2.0 (https://docs.openstack.org/api-ref/network/v2/). */
export const networkService: Service = {
  name: 'network',
  prefix: '/networking',
  routes: [...versionRoutes],
  hasMicroversions: false,
  unknownMethod: 405,
  tokenBeforePath: true,
};
