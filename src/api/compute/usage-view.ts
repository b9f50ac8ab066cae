import type { Server } from '../../model/server.ts';
import {
  anyOf,
  integer,
  links,
  listOf,
  number,
  object,
  optional,
  text,
  textOrNull,
  time,
} from '../http/shape.ts';
import { plainTime, plainTimeOrNull } from './times.ts';
import type { Period } from './usage-period.ts';

const HOUR = 3_600_000;

/**
 * The usage of one server in a period
 * (https://docs.openstack.org/api-ref/compute/#usage-reports-os-simple-tenant-usage).
 */
export interface ServerUsage {
  readonly hours: number;
  readonly flavor: string;
  readonly instance_id: string;
  readonly name: string;
  readonly tenant_id: string;
  readonly memory_mb: number;
  readonly local_gb: number;
  readonly vcpus: number;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly state: string;
  /** Seconds since the launch, independent of the period. */
  readonly uptime: number;
}

/** The usage of one server. A server that never started has no usage. */
export function serverUsage(server: Server, period: Period, now: number): ServerUsage {
  const { launchedAt, terminatedAt, flavor } = server;
  return {
    hours: hoursOf(server, period),
    flavor: flavor.name,
    instance_id: server.id,
    name: server.name,
    tenant_id: server.projectId,
    memory_mb: flavor.ramMb,
    local_gb: flavor.rootGb + flavor.ephemeralGb,
    vcpus: flavor.vcpus,
    started_at: plainTimeOrNull(launchedAt),
    ended_at: plainTimeOrNull(terminatedAt),
    state: terminatedAt === null ? server.vmState : 'terminated',
    uptime: launchedAt === null ? 0 : Math.floor(((terminatedAt ?? now) - launchedAt) / 1000),
  };
}

function hoursOf({ launchedAt, terminatedAt }: Server, { start, stop }: Period): number {
  if (launchedAt === null) return 0;
  const from = Math.max(launchedAt, start);
  const to = Math.min(terminatedAt ?? stop, stop);
  return Math.max(0, to - from) / HOUR;
}

/** The usage of a project: the sum over its servers. */
export function projectUsage(
  servers: readonly ServerUsage[],
  period: Period,
  how: { readonly detailed: boolean },
) {
  const sum = (weight: (one: ServerUsage) => number) =>
    servers.reduce((total, one) => total + weight(one) * one.hours, 0);
  return {
    tenant_id: servers[0]!.tenant_id,
    ...(how.detailed && { server_usages: servers }),
    total_local_gb_usage: sum((one) => one.local_gb),
    total_vcpus_usage: sum((one) => one.vcpus),
    total_memory_mb_usage: sum((one) => one.memory_mb),
    total_hours: sum(() => 1),
    start: plainTime(period.start),
    stop: plainTime(period.stop),
  };
}

const serverUsageShape = object(
  {
    hours: number,
    flavor: text,
    instance_id: text,
    name: text,
    tenant_id: text,
    memory_mb: integer,
    local_gb: integer,
    vcpus: integer,
    started_at: textOrNull,
    ended_at: textOrNull,
    state: text,
    uptime: integer,
  },
  'ServerUsage',
);
const projectUsageShape = object(
  {
    tenant_id: text,
    server_usages: optional(listOf(serverUsageShape)),
    total_local_gb_usage: number,
    total_vcpus_usage: number,
    total_memory_mb_usage: number,
    total_hours: number,
    start: time,
    stop: time,
  },
  'ProjectUsage',
);

export const usageList = object({
  tenant_usages: listOf(projectUsageShape),
  tenant_usages_links: optional(links),
});
export const oneUsage = object({
  tenant_usage: anyOf(projectUsageShape, object({})),
  tenant_usage_links: optional(links),
});
