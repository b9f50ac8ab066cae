import type { ProjectId, UserId } from './ids.ts';

export const GROUP_POLICIES = ['affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity'] as const;
export type GroupPolicy = (typeof GROUP_POLICIES)[number];

/**
 * A policy that places servers together or apart (nova/objects/instance_group.py InstanceGroup). Its members
 * are the servers whose `groupId` names it.
 */
export interface ServerGroup {
  readonly id: string;
  readonly projectId: ProjectId;
  readonly userId: UserId;
  readonly name: string;
  readonly policy: GroupPolicy;
  /** For anti-affinity: the most members on one host; null: one. */
  readonly maxServerPerHost: number | null;
  /** Epoch milliseconds */
  readonly createdAt: number;
}
