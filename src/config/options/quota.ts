import { type OptionGroup, option } from '../option.ts';
import { integer } from '../types.ts';

const limit = integer({ min: -1 });

/** `[quota]`: nova/conf/quota.py quota_opts. */
export const quotaGroup = {
  help: 'Limits of one project. -1 means unlimited.',
  options: {
    instances: option({ type: limit, default: '10', unit: 'servers', help: 'Servers of a project.' }),
    cores: option({ type: limit, default: '20', unit: 'vCPUs', help: 'vCPUs of all servers of a project.' }),
    ram: option({
      type: limit,
      default: '51200',
      unit: 'MiB',
      help: 'Memory of all servers of a project.',
    }),
    metadata_items: option({
      type: limit,
      default: '128',
      unit: 'items',
      help: 'Metadata items of one server.',
    }),
    key_pairs: option({ type: limit, default: '100', unit: 'key pairs', help: 'Key pairs of one user.' }),
    server_groups: option({
      type: limit,
      default: '10',
      unit: 'groups',
      help: 'Server groups of a project.',
    }),
    server_group_members: option({
      type: limit,
      default: '10',
      unit: 'servers',
      help: 'Servers of one server group.',
    }),
  },
} as const satisfies OptionGroup;
