import type { Service } from '../service.ts';
import { imageDataRoute } from './image-data.ts';

/** What is Nameplate's own. */
export const nameplateService: Service = {
  name: 'nameplate',
  prefix: '/nameplate/v1',
  routes: [imageDataRoute],
  hasMicroversions: false,
  unknownMethod: 404,
};
