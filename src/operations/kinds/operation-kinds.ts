import { createServer } from './create-server.ts';
import { deleteServer } from './delete-server.ts';
import { evacuateServer } from './evacuate-server.ts';
import { liveMigrateServer } from './live-migrate-server.ts';
import { attachPort, detachPort } from './port-server.ts';
import { POWER_KINDS, startServer } from './power-server.ts';
import { hardRebootServer, softRebootServer } from './reboot-server.ts';
import { rebuildServer } from './rebuild-server.ts';
import { confirmResize, migrateServer, resizeServer, revertResize } from './resize-server.ts';

/** Every kind of operation there is. */
export const OPERATION_KINDS = [
  createServer,
  deleteServer,
  startServer,
  softRebootServer,
  hardRebootServer,
  ...POWER_KINDS,
  rebuildServer,
  resizeServer,
  migrateServer,
  confirmResize,
  revertResize,
  liveMigrateServer,
  evacuateServer,
  attachPort,
  detachPort,
] as const;

/** The names of all operations. What must have an entry for each is typed as a record of it. */
export type OperationName = (typeof OPERATION_KINDS)[number]['kind'];

/** Operations by name, for what has only a stored word. */
export const KINDS_BY_NAME: ReadonlyMap<string, (typeof OPERATION_KINDS)[number]> = new Map(
  OPERATION_KINDS.map((kind) => [kind.kind, kind]),
);
