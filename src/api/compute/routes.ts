import type { Route } from '../http/route.ts';
import { aggregateRoutes } from './aggregates.ts';
import { availabilityZoneRoutes } from './availability-zones.ts';
import { extensionRoutes } from './extensions.ts';
import { extraSpecRoutes } from './extra-specs.ts';
import { flavorAccessRoutes } from './flavor-access.ts';
import { flavorRoutes } from './flavors.ts';
import { hostRoutes } from './hosts.ts';
import { hypervisorRoutes } from './hypervisors.ts';
import { imageProxyRoutes } from './image-proxy.ts';
import { keypairRoutes } from './keypairs.ts';
import { limitRoutes } from './limits.ts';
import { migrationRoutes } from './migrations.ts';
import { networkProxyRoutes } from './network-proxies.ts';
import { notBuiltResourceRoutes } from './not-implemented-resources.ts';
import { quotaRoutes } from './quota-sets.ts';
import { removedResourceRoutes } from './removed-resources.ts';
import { securityGroupProxyRoutes } from './security-group-proxies.ts';
import { securityGroupRuleProxyRoutes } from './security-group-rule-proxies.ts';
import { serverGroupRoutes } from './server-groups.ts';
import { serversRoutes } from './servers/routes.ts';
import { serviceRoutes } from './services.ts';
import { usageRoutes } from './usages.ts';
import { versionRootRoutes, versionRoutes } from './versions.ts';

/** Below `/compute`: the list of versions. */
export const computeVersionRoutes: readonly Route[] = versionRoutes;

/** Below `/compute/v2.1`. A new resource adds its table here. */
export const computeRoutes: readonly Route[] = [
  ...versionRootRoutes,
  ...serversRoutes,
  ...flavorRoutes,
  ...extraSpecRoutes,
  ...flavorAccessRoutes,
  ...keypairRoutes,
  ...limitRoutes,
  ...quotaRoutes,
  ...availabilityZoneRoutes,
  ...hypervisorRoutes,
  ...serviceRoutes,
  ...aggregateRoutes,
  ...serverGroupRoutes,
  ...migrationRoutes,
  ...usageRoutes,
  ...extensionRoutes,
  ...hostRoutes,
  ...imageProxyRoutes,
  ...networkProxyRoutes,
  ...securityGroupProxyRoutes,
  ...securityGroupRuleProxyRoutes,
  ...notBuiltResourceRoutes,
  ...removedResourceRoutes,
];
