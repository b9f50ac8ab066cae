import type { TSchema } from 'typebox';
import { Type } from '../../../model/schema.ts';
import type { Microversion } from '../../http/microversion.ts';
import { LimitSchema } from '../field-schemas.ts';

/** The sort keys of nova/api/openstack/compute/schemas/servers.py VALID_SORT_KEYS that the store supports. */
const SORT_KEYS = [
  'availability_zone',
  'config_drive',
  'created_at',
  'display_description',
  'display_name',
  'host',
  'hostname',
  'image_ref',
  'instance_type_id',
  'key_name',
  'launch_index',
  'launched_at',
  'node',
  'power_state',
  'progress',
  'project_id',
  'task_state',
  'terminated_at',
  'updated_at',
  'user_id',
  'uuid',
  'vm_state',
];

const words = (items: TSchema = Type.String()) =>
  Type.Optional(Type.Array(items as ReturnType<typeof Type.String>));
const date = Type.String({ format: 'date-time' });

/** Query parameters of a list of servers. Each may be repeated. */
const KNOWN = {
  limit: words(LimitSchema),
  marker: words(),
  sort_dir: words(Type.String({ enum: ['asc', 'desc'] })),
  status: words(),
  name: words(),
  display_name: words(),
  flavor: words(),
  image: words(),
  host: words(),
  node: words(),
  reservation_id: words(),
  'changes-since': words(date),
  all_tenants: words(),
  tenant_id: words(),
  project_id: words(),
  user_id: words(),
  uuid: words(),
  deleted: words(),
  soft_deleted: words(),
  ip: words(),
  ip6: words(),
  access_ip_v4: words(),
  access_ip_v6: words(),
  auto_disk_config: words(),
  availability_zone: words(),
  config_drive: words(),
  created_at: words(),
  description: words(),
  display_description: words(),
  hostname: words(),
  image_ref: words(),
  instance_type_id: words(),
  kernel_id: words(),
  key_name: words(),
  launch_index: words(),
  launched_at: words(),
  locked_by: words(),
  power_state: words(),
  progress: words(),
  ramdisk_id: words(),
  root_device_name: words(),
  task_state: words(),
  terminated_at: words(),
  vm_state: words(),
};
const SINCE_226 = { tags: words(), 'tags-any': words(), 'not-tags': words(), 'not-tags-any': words() };

/**
 * The query parameters of a list at a microversion. From 2.75 others are refused, except those that begin
 * with `_`.
 */
export function listQuery(version: Microversion) {
  const sortKeys = version >= 73 ? [...SORT_KEYS, 'locked'] : SORT_KEYS;
  const properties = {
    ...KNOWN,
    sort_key: words(Type.String({ enum: sortKeys })),
    ...(version >= 26 ? SINCE_226 : {}),
    ...(version >= 66 ? { 'changes-before': words(date) } : {}),
    ...(version >= 73 ? { locked: words() } : {}),
  };
  if (version < 75) return Type.Object(properties, { additionalProperties: true });
  return Type.Object(properties, { additionalProperties: false, patternProperties: { '^_': {} } });
}

/** A validated query: lists of values by name. */
export type ListQuery = Readonly<Record<string, readonly string[] | undefined>>;
