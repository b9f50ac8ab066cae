import type { Route } from '../../../http/route.ts';
import { consoleActions } from './console.ts';
import { endResizeActions } from './end-resize.ts';
import { fixedIpActions } from './fixed-ips.ts';
import { forceDeleteActions } from './force-delete.ts';
import { lockActions } from './lock.ts';
import { moveActions } from './move.ts';
import { refusedActions } from './not-implemented.ts';
import { powerActions } from './power.ts';
import { rebuildActions } from './rebuild.ts';
import { resetStateAction } from './reset-state.ts';
import { resizeActions } from './resize.ts';
import { securityGroupActions } from './security-groups.ts';

const built: readonly Route[] = [
  ...powerActions,
  ...endResizeActions,
  ...forceDeleteActions,
  ...resizeActions,
  ...moveActions,
  ...rebuildActions,
  ...lockActions,
  resetStateAction,
  ...consoleActions,
  ...securityGroupActions,
  ...fixedIpActions,
];

/** Every action of `POST /servers/{id}/action`, in all its forms. */
export const serverActions: readonly Route[] = [...built, ...refusedActions(built)];
