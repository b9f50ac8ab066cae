import type { Service } from '../http/service.ts';
import { agentRoutes } from './agents.ts';
import { availabilityZoneRoutes } from './availability-zones.ts';
import { describeBadInput } from './bad-input.ts';
import { extensionRoutes } from './extensions.ts';
import { networkRoutes } from './networks.ts';
import { notBuiltRoutes } from './not-built.ts';
import { portRoutes } from './ports.ts';
import { quotaRoutes } from './quotas.ts';
import { securityGroupRuleRoutes } from './security-group-rules.ts';
import { securityGroupRoutes } from './security-groups.ts';
import { subnetRoutes } from './subnets.ts';
import { versionRoutes } from './versions.ts';

/** Networking v2.0 (https://docs.openstack.org/api-ref/network/v2/). */
export const networkService: Service = {
  name: 'network',
  prefix: '/networking',
  routes: [
    ...versionRoutes,
    ...extensionRoutes,
    ...networkRoutes,
    ...subnetRoutes,
    ...portRoutes,
    ...securityGroupRoutes,
    ...securityGroupRuleRoutes,
    ...quotaRoutes,
    ...availabilityZoneRoutes,
    ...agentRoutes,
    ...notBuiltRoutes,
  ],
  hasMicroversions: false,
  unknownMethod: 405,
  tokenBeforePath: true,
  describeBadInput,
};
