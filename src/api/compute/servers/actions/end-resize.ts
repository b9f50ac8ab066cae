import { confirmResize, revertResize } from '../../../../operations/kinds/resize-server.ts';
import type { Route } from '../../../http/route.ts';
import { simpleAction } from './simple-action.ts';

/**
 * https://docs.openstack.org/api-ref/compute/#confirm-resized-server-confirmresize-action and the next
 * action there
 */
export const endResizeActions: readonly Route[] = [
  simpleAction('confirmResize', {
    policy: 'os_compute_api:servers:confirm_resize',
    summary: 'Keep what a resize made',
    status: 204,
    starts: confirmResize,
  }),
  simpleAction('revertResize', {
    policy: 'os_compute_api:servers:revert_resize',
    summary: 'Go back to what was before a resize',
    starts: revertResize,
  }),
];
