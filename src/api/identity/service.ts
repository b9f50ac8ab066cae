import type { Service } from '../http/service.ts';
import { assignmentRoutes } from './assignments.ts';
import { authListRoutes } from './auth-lists.ts';
import { authTokenRoutes } from './auth-tokens.ts';
import { catalogRoutes } from './catalog-routes.ts';
import { domainRoutes } from './domains.ts';
import { notBuiltRoutes } from './not-implemented.ts';
import { projectTagRoutes } from './project-tags.ts';
import { projectRoutes } from './projects.ts';
import { roleAssignmentRoutes } from './role-assignments.ts';
import { roleRoutes } from './roles.ts';
import { userPartRoutes } from './user-parts.ts';
import { userRoutes } from './users.ts';
import { versionRoutes } from './versions.ts';

/** Identity v3 (https://docs.openstack.org/api-ref/identity/v3/). */
export const identityService: Service = {
  name: 'identity',
  prefix: '/identity',
  routes: [
    ...versionRoutes,
    ...authTokenRoutes,
    ...authListRoutes,
    ...projectRoutes,
    ...projectTagRoutes,
    ...userRoutes,
    ...userPartRoutes,
    ...roleRoutes,
    ...domainRoutes,
    ...assignmentRoutes,
    ...roleAssignmentRoutes,
    ...catalogRoutes,
    ...notBuiltRoutes,
  ],
  hasMicroversions: false,
  unknownMethod: 405,
  tokenBeforePath: false,
};
