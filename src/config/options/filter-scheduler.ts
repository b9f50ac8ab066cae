import { type OptionGroup, option } from '../option.ts';
import { choice, float, list } from '../types.ts';

const multiplier = float();
const PER_AGGREGATE = 'Metadata of this name on a host aggregate sets another value for its hosts.';

/** `[filter_scheduler]`: nova/conf/scheduler.py filter_scheduler_opts. */
export const filterSchedulerGroup = {
  help: 'How the scheduler chooses a host for a server: filters refuse hosts, weighers rank the others. The values of each weigher are scaled to 0 up to 1 among the hosts that passed, multiplied, and added up; the host with the highest sum is chosen.',
  options: {
    enabled_filters: option({
      type: list(
        choice({
          ComputeFilter: 'hosts that are enabled and report',
          ComputeCapabilitiesFilter: "hosts that have what the flavor's extra specs `capabilities:…` ask for",
          ImagePropertiesFilter:
            'hosts of the architecture (`hw_architecture`), hypervisor type (`img_hv_type`), version (`img_hv_requested_version`) and VM mode (`hw_vm_mode`) that the image asks for',
          ServerGroupAntiAffinityFilter:
            'hosts that have no server of an `anti-affinity` group, or fewer than its `max_server_per_host`',
          ServerGroupAffinityFilter: 'hosts that have a server of an `affinity` group, once any has',
          AggregateInstanceExtraSpecsFilter:
            "hosts whose aggregates have metadata that fit the flavor's extra specs `aggregate_instance_extra_specs:…`, and those without a scope",
          AggregateImagePropertiesIsolation:
            'hosts of whose aggregates none names an image property with other values than the image has',
        }),
      ),
      default:
        'ComputeFilter, ComputeCapabilitiesFilter, ImagePropertiesFilter, ServerGroupAntiAffinityFilter, ServerGroupAffinityFilter',
      help: "The enabled filters. Some filters always run: `ComputeFilter`, the requested host and availability zone, the capacity, and whether the host can give the server its serial (its own serial where that is demanded, else the host's). An unknown name is an error, so that a filter is never silently missing. The last two filters, which are not in Nova's default either, separate flavors and images by host aggregates.",
    }),
    ram_weight_multiplier: option({
      type: multiplier,
      default: '1.0',
      help: `Multiplier of free memory. Negative values pack servers. ${PER_AGGREGATE}`,
    }),
    num_instances_weight_multiplier: option({
      type: multiplier,
      default: '0.0',
      help: `Multiplier of the number of servers on a host. Negative values spread servers, positive values pack them. ${PER_AGGREGATE}`,
    }),
    soft_affinity_weight_multiplier: option({
      type: float({ min: 0 }),
      default: '1.0',
      help: `Multiplier of the number of servers on a host in the same \`soft-affinity\` group. ${PER_AGGREGATE}`,
    }),
    soft_anti_affinity_weight_multiplier: option({
      type: float({ min: 0 }),
      default: '1.0',
      help: `Multiplier for few servers on a host in the same \`soft-anti-affinity\` group. ${PER_AGGREGATE}`,
    }),
    serial_stability_weight_multiplier: option({
      type: float({ min: 0 }),
      default: '2.0',
      from: 'Nameplate',
      help: `For moves: multiplier for hosts that would give the guest its current serial. The default outweighs free memory; 0 disables it. Servers with their own serial keep it on every host. ${PER_AGGREGATE}`,
    }),
  },
} as const satisfies OptionGroup;
