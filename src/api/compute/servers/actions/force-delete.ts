import { deleteServer } from '../../../../operations/kinds/delete-server.ts';
import type { Route } from '../../../http/route.ts';
import { simpleAction } from './simple-action.ts';

/** https://docs.openstack.org/api-ref/compute/#force-delete-server-forcedelete-action */
export const forceDeleteActions: readonly Route[] = [
  simpleAction('forceDelete', {
    policy: 'os_compute_api:os-deferred-delete:force',
    summary: 'Delete a server at once; here, deleting is never deferred',
    starts: deleteServer,
  }),
];
