import {
  anyOf,
  anything,
  flag,
  integer,
  links,
  listOf,
  mapOf,
  nothing,
  number,
  object,
  optional,
  text,
  textOrNull,
  texts,
  time,
  until,
} from '../http/shape.ts';
import { classQuotaNames, type QuotaName, quotaNames } from './quota.ts';

/** Answers of resources that are too small for a file of their own. */
const quotas = (names: typeof quotaNames, what: Parameters<typeof listOf>[0], more: object = {}) => {
  return (version: number) =>
    object({ ...more, ...Object.fromEntries(names(version).map((name: QuotaName) => [name, what])) })(
      version,
    );
};
const quotaDetail = object({ limit: integer, in_use: integer, reserved: integer }, 'QuotaDetail');

export const quotaSet = object({ quota_set: quotas(quotaNames, integer, { id: text }) });
export const updatedQuotaSet = object({ quota_set: quotas(quotaNames, integer) });
export const quotaDetails = object({ quota_set: quotas(quotaNames, quotaDetail, { id: text }) });
export const quotaClass = object({ quota_class_set: quotas(classQuotaNames, integer, { id: text }) });
export const updatedQuotaClass = object({ quota_class_set: quotas(classQuotaNames, integer) });

export const limitsShape = object({
  limits: object({
    rate: listOf(anything),
    absolute: object(
      {
        maxTotalInstances: integer,
        maxTotalCores: integer,
        maxTotalRAMSize: integer,
        maxServerMeta: integer,
        maxImageMeta: until(38, integer),
        maxPersonality: until(56, integer),
        maxPersonalitySize: until(56, integer),
        maxTotalKeypairs: integer,
        maxServerGroups: integer,
        maxServerGroupMembers: integer,
        maxTotalFloatingIps: until(35, integer),
        maxSecurityGroups: until(35, integer),
        maxSecurityGroupRules: until(35, integer),
        totalFloatingIpsUsed: until(35, integer),
        totalSecurityGroupsUsed: until(35, integer),
        totalRAMUsed: integer,
        totalCoresUsed: integer,
        totalInstancesUsed: integer,
        totalServerGroupsUsed: integer,
      },
      'AbsoluteLimits',
    ),
  }),
});

const zone = { zoneName: text, zoneState: object({ available: flag }) };
const serviceOfHost = object({ available: flag, active: flag, updated_at: time });
export const zones = object({ availabilityZoneInfo: listOf(object({ ...zone, hosts: nothing })) });
export const zonesInDetail = object({
  availabilityZoneInfo: listOf(object({ ...zone, hosts: anyOf(nothing, mapOf(mapOf(serviceOfHost))) })),
});

const extension = object(
  { alias: text, name: text, description: text, links, namespace: text, updated: time },
  'Extension',
);
export const oneExtension = object({ extension });
export const extensions = object({ extensions: listOf(extension) });

const version = { id: text, status: text, version: text, min_version: text, updated: time, links };
const mediaTypes = listOf(object({ base: text, type: text }));
export const versionList = object({ versions: listOf(object(version, 'Version')) });
export const oneVersion = object({
  version: object({ ...version, 'media-types': mediaTypes }, 'VersionDetail'),
});
export const versionChoices = object({
  choices: listOf(object({ id: text, status: text, links, 'media-types': mediaTypes })),
});

export const hostList = object({
  hosts: listOf(object({ host_name: text, service: text, zone: text })),
});
export const oneHost = object({
  host: listOf(
    object({
      resource: object({ host: text, project: text, cpu: integer, memory_mb: integer, disk_gb: integer }),
    }),
  ),
});

export const metadataShape = object({ metadata: mapOf(textOrNull) });
export const metaItem = object({ meta: mapOf(textOrNull) });
export const extraSpecsShape = object({ extra_specs: mapOf(text) });
/** What a request said, which may be a number where the stored value is its text. */
const asSent = mapOf(anyOf(text, number));
export const extraSpecsSent = object({ extra_specs: asSent });
export const extraSpecSent = asSent;
export const extraSpec = mapOf(text);
export const tagList = object({ tags: texts });
export const topology = object({ nodes: listOf(anything), pagesize_kb: nothing });
export const consoleOutput = object({ output: text });
export const adminPassword = object({ adminPass: textOrNull });
/** A list of what there is none of, by its name. */
export const emptyListOf = (name: string) => object({ [name]: listOf(anything) });
export const noPassword = object({ password: optional(text) });
