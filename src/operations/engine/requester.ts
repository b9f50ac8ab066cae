import type { ProjectId, RequestId, UserId } from '../../model/ids.ts';

/** The user whose request began an operation: for the action's record, the checks and the policy. */
export interface Requester {
  readonly requestId: RequestId;
  readonly projectId: ProjectId;
  readonly userId: UserId;
  readonly isAdmin: boolean;
}
