/** The values that an extra spec accepts. */
export type ExtraSpecValue =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'integer'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /**
   * `shown` is Nova's own expression, for messages. `matches` accepts the same texts, in time linear in their
   * length.
   */
  | { readonly kind: 'format'; readonly shown: string; readonly matches: RegExp }
  | { readonly kind: 'text' };

/** An extra spec that a flavor may have. */
export interface ExtraSpec {
  /** With placeholders: `hw:numa_mem.{num}`. */
  readonly name: string;
  readonly value: ExtraSpecValue;
  /** The effect on a guest, for the reference. Undefined: accepted without effect. */
  readonly effect?: string;
  /** What the scheduler compares it with, for the reference. */
  readonly comparedWith?: string;
  /**
   * Checks the value at every microversion, so that a wrong value is never stored. Nova checks values only
   * from 2.86.
   */
  readonly alwaysChecked?: true;
}

const boolean: ExtraSpecValue = { kind: 'boolean' };
const integer: ExtraSpecValue = { kind: 'integer' };
const notNegative: ExtraSpecValue = { kind: 'integer', min: 0 };
const positive: ExtraSpecValue = { kind: 'integer', min: 1 };
const text: ExtraSpecValue = { kind: 'text' };

function words(...accepted: string[]): ExtraSpecValue {
  return { kind: 'words', words: accepted };
}

// Nova's own expressions can take time exponential in the length of a text. These accept the same texts in
// linear time.
const CPU_MAP_EXPRESSION = /^\^?\d+(?:-\d+|,\^?\d+)*$/;
const REALTIME_CPU_MAP: ExtraSpecValue = {
  kind: 'format',
  shown: '(\\^)?\\d+((-\\d+)?(,\\^?\\d+(-\\d+)?)?)*',
  matches: CPU_MAP_EXPRESSION,
};
const CPU_MAP: ExtraSpecValue = {
  kind: 'format',
  shown: '\\^?\\d+((-\\d+)?(,\\^?\\d+(-\\d+)?)?)*',
  matches: CPU_MAP_EXPRESSION,
};
const PAGE_SIZE: ExtraSpecValue = {
  kind: 'format',
  shown: '(large|small|any|\\d+([kKMGT]i?)?(b|bit|B)?)',
  matches: /^(?:large|small|any|\d+(?:[kKMGT]i?)?(?:b|bit|B)?)$/,
};
const PMEM_LABELS: ExtraSpecValue = {
  kind: 'format',
  shown: '([a-zA-Z0-9_]+(,)?)+',
  matches: /^[a-zA-Z0-9_]+(?:,[a-zA-Z0-9_]+)*,?$/,
};
const PCI_ALIASES: ExtraSpecValue = {
  kind: 'format',
  shown: '[^:]+:\\d+(?:\\s*,\\s*[^:]+:\\d+)*',
  matches: /^[^:]+:\d+(?:\s*,[^:]+:\d+)*$/,
};

const guestSpecs: readonly ExtraSpec[] = [
  {
    name: 'hw:unique_serial',
    value: boolean,
    alwaysChecked: true,
    effect:
      "True gives every server of this flavor its own UUID as its serial. False gives it the host's serial, even on a host with `sysinfo_serial = unique`. Unset leaves the decision to the image and the host. True on the flavor or the image takes precedence.",
  },
  { name: 'hw:cpu_realtime', value: boolean },
  { name: 'hw:cpu_realtime_mask', value: REALTIME_CPU_MAP },
  { name: 'hw:hide_hypervisor_id', value: boolean },
  { name: 'hw:cpu_policy', value: words('dedicated', 'shared', 'mixed') },
  { name: 'hw:cpu_thread_policy', value: words('prefer', 'isolate', 'require') },
  { name: 'hw:emulator_threads_policy', value: words('isolate', 'share') },
  { name: 'hw:cpu_dedicated_mask', value: CPU_MAP },
  { name: 'hw:mem_page_size', value: PAGE_SIZE },
  { name: 'hw:locked_memory', value: boolean },
  { name: 'hw:numa_nodes', value: positive },
  { name: 'hw:numa_cpus.{num}', value: CPU_MAP },
  { name: 'hw:numa_mem.{num}', value: positive },
  { name: 'hw:pci_numa_affinity_policy', value: words('required', 'preferred', 'legacy', 'socket') },
  { name: 'hw:cpu_sockets', value: positive },
  { name: 'hw:cpu_cores', value: positive },
  { name: 'hw:cpu_threads', value: positive },
  { name: 'hw:cpu_max_sockets', value: positive },
  { name: 'hw:cpu_max_cores', value: positive },
  { name: 'hw:cpu_max_threads', value: positive },
  { name: 'hw:boot_menu', value: boolean },
  { name: 'hw:vif_multiqueue_enabled', value: boolean },
  { name: 'hw:mem_encryption', value: boolean },
  { name: 'hw:mem_encryption_model', value: words('amd-sev', 'amd-sev-es', 'amd-sev-snp') },
  { name: 'hw:pmem', value: PMEM_LABELS },
  { name: 'hw:pmu', value: boolean },
  { name: 'hw:serial_port_count', value: notNegative },
  { name: 'hw:tpm_model', value: words('tpm-tis', 'tpm-crb') },
  { name: 'hw:tpm_version', value: words('1.2', '2.0') },
  { name: 'hw:tpm_secret_security', value: words('user', 'host', 'deployment') },
  { name: 'hw:watchdog_action', value: words('none', 'pause', 'poweroff', 'reset', 'disabled') },
  { name: 'hw:viommu_model', value: words('intel', 'smmuv3', 'virtio', 'auto') },
  { name: 'hw:virtio_packed_ring', value: boolean },
  {
    name: 'hw:sound_model',
    value: words('sb16', 'es1370', 'pcspk', 'ac97', 'ich6', 'ich9', 'usb', 'virtio'),
  },
  { name: 'hw:usb_model', value: words('none', 'nec-xhci', 'qemu-xhci') },
  { name: 'hw:redirected_usb_ports', value: { kind: 'integer', min: 0, max: 15 } },
  { name: 'hw:ephemeral_encryption', value: boolean },
  { name: 'hw:ephemeral_encryption_format', value: words('plain', 'luks', 'LUKSv2') },
  {
    name: 'hw_rng:allowed',
    value: boolean,
    effect: 'False takes the random number device from the guest.',
  },
  { name: 'hw_rng:rate_bytes', value: notNegative },
  { name: 'hw_rng:rate_period', value: notNegative },
  { name: 'hw_video:ram_max_mb', value: notNegative },
  { name: 'os:secure_boot', value: words('disabled', 'required') },
  { name: 'accel:device_profile', value: text },
  { name: 'pci_passthrough:alias', value: PCI_ALIASES },
  { name: 'vmware:hw_version', value: text },
  { name: 'vmware:storage_policy', value: text },
  { name: 'hide_hypervisor_id', value: boolean },
  { name: 'group_policy', value: words('isolate', 'none') },
];

const quotaSpecs: readonly ExtraSpec[] = [
  { name: 'quota:cpu_limit', value: notNegative },
  { name: 'quota:cpu_reservation', value: integer },
  { name: 'quota:cpu_shares_level', value: words('custom', 'high', 'normal', 'low') },
  { name: 'quota:cpu_shares_share', value: notNegative },
  { name: 'quota:memory_limit', value: notNegative },
  { name: 'quota:memory_reservation', value: integer },
  { name: 'quota:memory_shares_level', value: words('custom', 'high', 'normal', 'low') },
  { name: 'quota:memory_shares_share', value: notNegative },
  { name: 'quota:disk_io_limit', value: notNegative },
  { name: 'quota:disk_io_reservation', value: integer },
  { name: 'quota:disk_io_shares_level', value: words('custom', 'high', 'normal', 'low') },
  { name: 'quota:disk_io_shares_share', value: notNegative },
  { name: 'quota:vif_limit', value: notNegative },
  { name: 'quota:vif_reservation', value: integer },
  { name: 'quota:vif_shares_level', value: words('custom', 'high', 'normal', 'low') },
  { name: 'quota:vif_shares_share', value: notNegative },
  { name: 'quota:cpu_shares', value: notNegative },
  { name: 'quota:cpu_period', value: notNegative },
  { name: 'quota:cpu_quota', value: integer },
  { name: 'quota:disk_read_bytes_sec', value: notNegative },
  { name: 'quota:disk_read_iops_sec', value: notNegative },
  { name: 'quota:disk_write_bytes_sec', value: notNegative },
  { name: 'quota:disk_write_iops_sec', value: notNegative },
  { name: 'quota:disk_total_bytes_sec', value: notNegative },
  { name: 'quota:disk_total_iops_sec', value: notNegative },
  { name: 'quota:vif_inbound_average', value: notNegative },
  { name: 'quota:vif_inbound_peak', value: notNegative },
  { name: 'quota:vif_inbound_burst', value: notNegative },
  { name: 'quota:vif_outbound_average', value: notNegative },
  { name: 'quota:vif_outbound_peak', value: notNegative },
  { name: 'quota:vif_outbound_burst', value: notNegative },
];

/** Capabilities that `src/scheduler/compute-capabilities-filter.ts` supports, with what each compares. */
const CAPABILITIES: Readonly<Record<string, string>> = {
  host: "the host's name",
  nodename: "the hypervisor's host name",
  hypervisor_hostname: "the hypervisor's host name",
  uuid: "the hypervisor's id",
  host_ip: "the host's address",
  hypervisor_type: "the hypervisor's type",
  hypervisor_version: "the hypervisor's version, as a number",
  cpu_info:
    "the host's CPU, or a part of it: `cpu_info:vendor`, `cpu_info:features`, `cpu_info:topology:cores`",
  vcpus_total: 'processors',
  vcpus_used: 'vCPUs that servers use',
  total_usable_ram_mb: 'memory, MiB',
  free_ram_mb: 'memory that is neither reserved nor used, MiB',
  total_usable_disk_gb: 'disk, GiB',
  disk_mb_used: 'disk that servers use, MiB',
  free_disk_mb: 'disk that is neither reserved nor used, MiB',
  num_instances: 'servers on the host',
  cpu_allocation_ratio: '`[DEFAULT] cpu_allocation_ratio`',
  ram_allocation_ratio: '`[DEFAULT] ram_allocation_ratio`',
  disk_allocation_ratio: '`[DEFAULT] disk_allocation_ratio`',
};

function capability(name: string, filter = ''): ExtraSpec {
  const comparedWith =
    CAPABILITIES[name] ?? 'nothing: hosts do not have this capability, so no host passes, as in Nova';
  return { name: `capabilities:${name}${filter}`, value: text, comparedWith };
}

const capabilitySpecs: readonly ExtraSpec[] = [
  ...[
    'id',
    'uuid',
    'service_id',
    'host',
    'vcpus',
    'memory_mb',
    'local_gb',
    'vcpus_used',
    'memory_mb_used',
    'local_gb_used',
    'hypervisor_type',
    'hypervisor_version',
    'hypervisor_hostname',
    'free_ram_mb',
    'free_disk_gb',
    'current_workload',
    'running_vms',
    'disk_available_least',
    'host_ip',
    'mapped',
    'cpu_allocation_ratio',
    'ram_allocation_ratio',
    'disk_allocation_ratio',
    'total_usable_ram_mb',
    'total_usable_disk_gb',
    'disk_mb_used',
    'free_disk_mb',
    'vcpus_total',
    'num_instances',
    'num_io_ops',
    'failed_builds',
    'aggregates',
    'cell_uuid',
    'updated',
  ].map((name) => capability(name)),
  ...[
    'cpu_info',
    'metrics',
    'stats',
    'numa_topology',
    'supported_hv_specs',
    'pci_device_pools',
    'nodename',
    'pci_stats',
    'supported_instances',
    'limits',
    'instances',
  ].map((name) => capability(name, '{filter}')),
];

/** The standard resource classes (os-resource-classes). */
const RESOURCE_CLASSES = [
  'VCPU',
  'MEMORY_MB',
  'DISK_GB',
  'PCI_DEVICE',
  'SRIOV_NET_VF',
  'NUMA_SOCKET',
  'NUMA_CORE',
  'NUMA_THREAD',
  'NUMA_MEMORY_MB',
  'IPV4_ADDRESS',
  'VGPU',
  'VGPU_DISPLAY_HEAD',
  'NET_BW_EGR_KILOBIT_PER_SEC',
  'NET_BW_IGR_KILOBIT_PER_SEC',
  'PCPU',
  'MEM_ENCRYPTION_CONTEXT',
  'FPGA',
  'PGPU',
];

const schedulingSpecs: readonly ExtraSpec[] = [
  {
    name: 'aggregate_instance_extra_specs:{key}',
    value: text,
    comparedWith:
      "the metadata of that key on the host's aggregates, with `AggregateInstanceExtraSpecsFilter` enabled",
  },
  ...RESOURCE_CLASSES.map((name) => ({ name: `resources{group}:${name}`, value: integer })),
  { name: 'resources{group}:CUSTOM_{resource}', value: integer },
  // Nova has a list of the standard traits (os-traits). Nameplate accepts any name of their form.
  { name: 'trait{group}:{trait}', value: words('required', 'forbidden') },
];

/**
 * Every extra spec that Nameplate knows: those with an effect, and those that Nova knows
 * (nova/api/validation/extra_specs/*.py). The latter are accepted without effect, so that operators can copy
 * their flavors unchanged.
 */
export const knownExtraSpecs: readonly ExtraSpec[] = [
  ...guestSpecs,
  ...quotaSpecs,
  ...schedulingSpecs,
  ...capabilitySpecs,
];
