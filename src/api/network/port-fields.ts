import { MAX_ADDRESSES } from '../../model/network/port.ts';
import { Type } from '../../model/schema.ts';
import { COMMON_READ_ONLY } from './common-view.ts';
import { Flag } from './converted.ts';
import { Address, attributes, Description, Name, nullable, Owner, only, Tags, Uuid } from './fields.ts';

/** Security groups of one port. */
const MAX_GROUPS = 32;

const FixedIp = Type.Object(
  { subnet_id: Type.Optional(Uuid), ip_address: Type.Optional(Address) },
  { additionalProperties: false },
);

/** What POST and PUT both take. */
const fields = {
  name: Type.Optional(Name),
  description: Type.Optional(Description),
  admin_state_up: Type.Optional(Flag),
  mac_address: Type.Optional(Type.String({ maxLength: 32 })),
  fixed_ips: Type.Optional(Type.Array(FixedIp, { maxItems: MAX_ADDRESSES })),
  device_id: Type.Optional(Type.String({ maxLength: 255 })),
  device_owner: Type.Optional(Type.String({ maxLength: 255 })),
  security_groups: Type.Optional(
    nullable(Type.Array(Uuid, { maxItems: MAX_GROUPS, '~accepts': `a list of at most ${MAX_GROUPS} UUIDs` })),
  ),
  port_security_enabled: Type.Optional(Flag),
  'binding:vnic_type': Type.Optional(only('normal', "'normal': hosts connect guests to bridges")),
  'binding:profile': Type.Optional(
    nullable(Type.Object({}, { additionalProperties: false, '~accepts': '{}: hosts take no profile' })),
  ),
  'binding:host_id': Type.Optional(nullable(Type.String({ maxLength: 255 }))),
};
const BINDING = ['binding:vif_type', 'binding:vif_details'] as const;

export const createPort = attributes(
  {
    ...fields,
    network_id: Uuid,
    project_id: Type.Optional(Owner),
    tenant_id: Type.Optional(Owner),
    tags: Type.Optional(Tags),
  },
  { in: 'POST', names: [...COMMON_READ_ONLY, ...BINDING] },
);

export const updatePort = attributes(fields, {
  in: 'PUT',
  names: [...COMMON_READ_ONLY, ...BINDING, 'network_id', 'project_id', 'tenant_id', 'tags'],
});
