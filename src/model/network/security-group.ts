import type { ProjectId } from '../ids.ts';
import type { SecurityGroupId } from './network-ids.ts';

/** Neutron `security_group_rule`: lets traffic in or out. */
export interface SecurityGroupRule {
  readonly id: string;
  readonly groupId: SecurityGroupId;
  readonly projectId: ProjectId;
  readonly description: string;
  readonly direction: 'ingress' | 'egress';
  readonly ethertype: 'IPv4' | 'IPv6';
  /** A name that libvirt's filters know, or a number as text; null: all. */
  readonly protocol: string | null;
  /** Ports; for ICMP type and code. null: all. */
  readonly portRangeMin: number | null;
  readonly portRangeMax: number | null;
  readonly remoteIpPrefix: string | null;
  /** Traffic from or to the addresses of the ports in this group. */
  readonly remoteGroupId: SecurityGroupId | null;
  readonly createdAt: number;
}

/** Neutron `security_group`, with its rules. */
export interface SecurityGroup {
  readonly id: SecurityGroupId;
  readonly generation: number;
  readonly projectId: ProjectId;
  readonly name: string;
  readonly description: string;
  readonly stateful: boolean;
  readonly rules: readonly SecurityGroupRule[];
  readonly tags: readonly string[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/**
 * The group that each project has from the start: lets all out, and its members in to each other
 * (neutron/db/securitygroups_db.py create_security_group).
 * @param newId gives a new UUID at each call
 */
export function defaultSecurityGroup(of: {
  readonly project: ProjectId;
  readonly at: number;
  readonly newId: () => string;
}): SecurityGroup {
  const { project: projectId, at, newId } = of;
  const id = newId() as SecurityGroupId;
  const rules = (['IPv4', 'IPv6'] as const).flatMap((ethertype) =>
    (['egress', 'ingress'] as const).map(
      (direction): SecurityGroupRule => ({
        id: newId(),
        groupId: id,
        projectId,
        description: '',
        direction,
        ethertype,
        protocol: null,
        portRangeMin: null,
        portRangeMax: null,
        remoteIpPrefix: null,
        remoteGroupId: direction === 'ingress' ? id : null,
        createdAt: at,
      }),
    ),
  );
  return {
    id,
    generation: 1,
    projectId,
    name: 'default',
    description: 'Default security group',
    stateful: true,
    rules,
    tags: [],
    createdAt: at,
    updatedAt: at,
  };
}
