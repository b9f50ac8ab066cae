import type { Route } from '../../http/route.ts';
import { serverActions } from './actions/table.ts';
import { addressRoutes } from './addresses.ts';
import { attachmentRoutes } from './attachments.ts';
import { createRoutes } from './create.ts';
import { instanceActionRoutes } from './instance-actions.ts';
import { interfaceRoutes } from './interfaces.ts';
import { listRoutes } from './list.ts';
import { liveMigrationRoutes } from './live-migrations.ts';
import { metadataRoutes } from './metadata.ts';
import { unbuiltServerRoutes } from './not-implemented.ts';
import { securityGroupRoutes } from './security-groups.ts';
import { serverRoutes } from './show-change-delete.ts';
import { tagRoutes } from './tags.ts';

/** Everything below `/servers`. */
export const serversRoutes: readonly Route[] = [
  ...listRoutes,
  ...createRoutes,
  ...serverRoutes,
  ...metadataRoutes,
  ...tagRoutes,
  ...addressRoutes,
  ...interfaceRoutes,
  ...securityGroupRoutes,
  ...attachmentRoutes,
  ...serverActions,
  ...instanceActionRoutes,
  ...liveMigrationRoutes,
  ...unbuiltServerRoutes,
];
