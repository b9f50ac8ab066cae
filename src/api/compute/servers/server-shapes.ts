import {
  anyOf,
  anything,
  changed,
  flag,
  integer,
  link,
  links,
  listOf,
  mapOf,
  nothing,
  object,
  optional,
  type Shape,
  since,
  text,
  textOrNull,
  texts,
  time,
  timeOrNull,
  word,
} from '../../http/shape.ts';
import { serverAddresses } from './addresses-view.ts';

/** Answers of `view.ts` and `create.ts`, at each microversion. */
const flavor = changed(
  46,
  object({ id: text, links }),
  object(
    {
      vcpus: integer,
      ram: integer,
      disk: integer,
      ephemeral: integer,
      swap: integer,
      original_name: text,
      extra_specs: mapOf(text),
    },
    'FlavorOfServer',
  ),
);

const core = {
  id: text,
  name: text,
  status: text,
  tenant_id: text,
  user_id: text,
  metadata: mapOf(text),
  hostId: text,
  image: object({ id: text, links: listOf(link) }),
  flavor,
  created: time,
  updated: time,
  addresses: serverAddresses,
  accessIPv4: text,
  accessIPv6: text,
  links,
  'OS-DCF:diskConfig': word('AUTO', 'MANUAL'),
  progress: optional(integer),
  fault: optional(object({ code: integer, created: time, message: text, details: optional(text) }, 'Fault')),
};

const sinceThen = {
  locked: since(9, flag),
  description: since(19, textOrNull),
  tags: since(26, texts),
  trusted_image_certificates: since(63, nothing),
  locked_reason: since(73, textOrNull),
};

const hostname = 'OS-EXT-SRV-ATTR:hostname';

const whole = {
  ...core,
  config_drive: word('True', ''),
  key_name: textOrNull,
  'OS-SRV-USG:launched_at': timeOrNull,
  'OS-SRV-USG:terminated_at': timeOrNull,
  'OS-EXT-STS:task_state': textOrNull,
  'OS-EXT-STS:vm_state': text,
  'OS-EXT-STS:power_state': integer,
  'os-extended-volumes:volumes_attached': listOf(anything),
  'OS-EXT-AZ:availability_zone': text,
  'OS-EXT-SRV-ATTR:host': optional(textOrNull),
  'OS-EXT-SRV-ATTR:instance_name': optional(text),
  'OS-EXT-SRV-ATTR:hypervisor_hostname': optional(textOrNull),
  host_status: since(16, optional(text)),
  security_groups: optional(listOf(object({ name: text }))),
  'OS-EXT-SRV-ATTR:reservation_id': since(3, optional(text)),
  'OS-EXT-SRV-ATTR:launch_index': since(3, optional(integer)),
  'OS-EXT-SRV-ATTR:kernel_id': since(3, optional(text)),
  'OS-EXT-SRV-ATTR:ramdisk_id': since(3, optional(text)),
  'OS-EXT-SRV-ATTR:root_device_name': since(3, optional(textOrNull)),
  'OS-EXT-SRV-ATTR:user_data': since(3, optional(textOrNull)),
  ...sinceThen,
};
const groups = since(71, texts);

/** Attributes of hosts are only for administrators. From 2.90 everybody sees the host name. */
function shown(more: Parameters<typeof object>[0], title: string): Shape {
  const before = object({ ...whole, ...more, [hostname]: since(3, optional(text)) }, title);
  return changed(89, before, object({ ...whole, ...more, [hostname]: text }, title));
}

const single = shown({ server_groups: groups }, 'Server');
const updated = object({ ...core, ...sinceThen, server_groups: groups }, 'UpdatedServer');
const rebuilt = object(
  {
    ...core,
    ...sinceThen,
    key_name: since(54, textOrNull),
    user_data: since(57, textOrNull),
    server_groups: groups,
    adminPass: text,
  },
  'RebuiltServer',
);

export const oneServer = object({ server: single });
export const updatedServer = object({ server: changed(74, updated, single) });
export const rebuiltServer = object({
  server: changed(74, rebuilt, shown({ server_groups: groups, adminPass: text }, 'RebuiltServer')),
});
export const briefServers = object({
  servers: listOf(object({ id: text, name: text, links }, 'BriefServer')),
  servers_links: optional(links),
});
export const wholeServers = object({
  servers: listOf(shown({}, 'ServerInList')),
  servers_links: optional(links),
});
export const createdServer = anyOf(
  object({ reservation_id: text }),
  object({
    server: object(
      {
        id: text,
        links,
        'OS-DCF:diskConfig': word('AUTO', 'MANUAL'),
        security_groups: listOf(object({ name: text })),
        adminPass: text,
      },
      'CreatedServer',
    ),
  }),
);
