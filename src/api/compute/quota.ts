import type { Config } from '../../config/declared.ts';
import type { ProjectId } from '../../model/ids.ts';
import type { QuotaLimits } from '../../model/quota.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { Microversion } from '../http/microversion.ts';

/**
 * Nova's quota resources (nova/quota.py QUOTAS). Networks and injected files are no longer in use; only
 * their limits are shown.
 */
const DEFAULTS = {
  instances: (config: Config) => config.quota.instances,
  cores: (config: Config) => config.quota.cores,
  ram: (config: Config) => config.quota.ram,
  floating_ips: () => -1,
  fixed_ips: () => -1,
  metadata_items: (config: Config) => config.quota.metadata_items,
  injected_files: () => 5,
  injected_file_content_bytes: () => 10_240,
  injected_file_path_bytes: () => 255,
  security_groups: () => -1,
  security_group_rules: () => -1,
  key_pairs: (config: Config) => config.quota.key_pairs,
  server_groups: (config: Config) => config.quota.server_groups,
  server_group_members: (config: Config) => config.quota.server_group_members,
} as const;

export type QuotaName = keyof typeof DEFAULTS;
export type QuotaLimitsByName = Readonly<Record<QuotaName, number>>;

/** The names of all quotas, whichever microversion has them. */
export const ALL_QUOTAS = Object.keys(DEFAULTS) as readonly QuotaName[];
const OF_NETWORKS: readonly QuotaName[] = [
  'fixed_ips',
  'floating_ips',
  'security_groups',
  'security_group_rules',
];
const OF_FILES: readonly QuotaName[] = [
  'injected_files',
  'injected_file_content_bytes',
  'injected_file_path_bytes',
];
const OF_GROUPS: readonly QuotaName[] = ['server_groups', 'server_group_members'];

/** The store has the limits of the class `default` under an id that no project can have. */
const DEFAULT_CLASS = 'class:default' as ProjectId;

/**
 * The limits of every project without its own: those of the class `default`, else the configured ones. -1:
 * unlimited.
 */
export async function defaultLimits(store: Queries, config: Config): Promise<QuotaLimitsByName> {
  const configured = Object.fromEntries(ALL_QUOTAS.map((name) => [name, DEFAULTS[name](config)]));
  return { ...configured, ...known(await store.quotas.of(DEFAULT_CLASS)) } as QuotaLimitsByName;
}

/** The limits of a project. -1: unlimited. */
export async function limitsOf(
  project: ProjectId,
  store: Queries,
  config: Config,
): Promise<QuotaLimitsByName> {
  return { ...(await defaultLimits(store, config)), ...known(await store.quotas.of(project)) };
}

/** The project's limits on resources of servers. */
export async function serverLimitsOf(
  project: ProjectId,
  store: Queries,
  config: Config,
): Promise<QuotaLimits> {
  const { instances, cores, ram } = await limitsOf(project, store, config);
  return { instances, cores, ramMb: ram };
}

/** Changes the limits of the class `default`. */
export async function setDefaultLimits(
  store: Queries,
  limits: Readonly<Partial<Record<QuotaName, number>>>,
): Promise<void> {
  await store.quotas.set(DEFAULT_CLASS, { ...(await store.quotas.of(DEFAULT_CLASS)), ...limits });
}

/** The resources in a project's quota set. 2.36 removes networks, 2.57 injected files. */
export function quotaNames(version: Microversion): QuotaName[] {
  return ALL_QUOTAS.filter(
    (name) => !(version >= 36 && OF_NETWORKS.includes(name)) && !(version >= 57 && OF_FILES.includes(name)),
  );
}

/** The resources in a quota class. 2.50 replaces networks by server groups, 2.57 removes injected files. */
export function classQuotaNames(version: Microversion): QuotaName[] {
  return ALL_QUOTAS.filter((name) => {
    if (OF_NETWORKS.includes(name)) return version < 50;
    if (OF_GROUPS.includes(name)) return version >= 50;
    return version < 57 || !OF_FILES.includes(name);
  });
}

function known(limits: Readonly<Record<string, number>>): Partial<Record<QuotaName, number>> {
  return Object.fromEntries(Object.entries(limits).filter(([name]) => Object.hasOwn(DEFAULTS, name)));
}
