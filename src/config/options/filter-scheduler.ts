import { type OptionGroup, option } from '../option.ts';
import { choice, float, list } from '../types.ts';

const multiplier = float();
const PER_AGGREGATE = 'Metadata of this name on a host aggregate sets another value for its hosts.';

/** `[filter_scheduler]`: nova/conf/scheduler.py filter_scheduler_opts. */
export const filterSchedulerGroup = {
  help: 'How a host is chosen for a server: filters refuse hosts, weighers prefer some of the others. What weighers say is stretched to 0 up to 1 between the hosts that passed, multiplied, and added up; the host with the most is taken.',
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
      help: "Which filters are asked. Always asked, named or not, are `ComputeFilter`, the host and the availability zone that were asked for, the capacity, and whether the host can give the server its serial: its own where it must have that, else the host's. Any other name is an error: a filter that an operator counts on is never passed over. Separate flavors and images by host aggregates with the last two filters, which are not in Nova's default either.",
    }),
    ram_weight_multiplier: option({
      type: multiplier,
      default: '1.0',
      help: `How much free memory counts. Negative: servers are packed. ${PER_AGGREGATE}`,
    }),
    num_instances_weight_multiplier: option({
      type: multiplier,
      default: '0.0',
      help: `How much the number of servers on a host counts. Negative: servers are spread; positive: they are packed. ${PER_AGGREGATE}`,
    }),
    soft_affinity_weight_multiplier: option({
      type: float({ min: 0 }),
      default: '1.0',
      help: `How much it counts that a host has servers of the same \`soft-affinity\` group. ${PER_AGGREGATE}`,
    }),
    soft_anti_affinity_weight_multiplier: option({
      type: float({ min: 0 }),
      default: '1.0',
      help: `How much it counts that a host has few servers of the same \`soft-anti-affinity\` group. ${PER_AGGREGATE}`,
    }),
    serial_stability_weight_multiplier: option({
      type: float({ min: 0 }),
      default: '2.0',
      from: 'Nameplate',
      help: `For a server that is moved: how much it counts that a host would give the guest the serial that it has now. The default outweighs free memory; 0 makes no difference between hosts. Servers that must have their own serial keep it wherever they go. ${PER_AGGREGATE}`,
    }),
  },
} as const satisfies OptionGroup;
