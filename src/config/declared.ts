import type { ConfigOf } from './option.ts';
import { apiGroup } from './options/api.ts';
import { busGroup } from './options/bus.ts';
import { computeGroup } from './options/compute.ts';
import { databaseGroup } from './options/database.ts';
import { defaultGroup } from './options/default.ts';
import { filterSchedulerGroup } from './options/filter-scheduler.ts';
import { identityGroup } from './options/identity.ts';
import { imageGroup } from './options/image.ts';
import { imageCacheGroup } from './options/image-cache.ts';
import { libvirtGroup } from './options/libvirt.ts';
import { linuxBridgeGroup } from './options/linux-bridge.ts';
import { nameplateGroup } from './options/nameplate.ts';
import { osloMiddlewareGroup } from './options/oslo-middleware.ts';
import { quotaGroup } from './options/quota.ts';
import { securityComplianceGroup } from './options/security-compliance.ts';
import { wsgiGroup } from './options/wsgi.ts';

/** Every section of Nameplate, in the order of the reference. */
export const declaredGroups = {
  DEFAULT: defaultGroup,
  nameplate: nameplateGroup,
  libvirt: libvirtGroup,
  linux_bridge: linuxBridgeGroup,
  compute: computeGroup,
  filter_scheduler: filterSchedulerGroup,
  image_cache: imageCacheGroup,
  api: apiGroup,
  wsgi: wsgiGroup,
  oslo_middleware: osloMiddlewareGroup,
  quota: quotaGroup,
  identity: identityGroup,
  security_compliance: securityComplianceGroup,
  image: imageGroup,
  database: databaseGroup,
  bus: busGroup,
} as const;

/** All settings, by section and option: `config.libvirt.sysinfo_serial`. */
export type Config = ConfigOf<typeof declaredGroups>;
