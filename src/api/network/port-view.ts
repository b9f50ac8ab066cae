import type { Port } from '../../model/network/port.ts';
import { anything, flag, listOf, mapOf, object, optional, text, texts, word } from '../http/shape.ts';
import { commonFields, commonView } from './common-view.ts';
import type { Reading, View } from './resource.ts';

export const portShape = object(
  {
    ...commonFields,
    network_id: text,
    status: word('ACTIVE', 'DOWN', 'BUILD', 'ERROR'),
    admin_state_up: flag,
    mac_address: text,
    fixed_ips: listOf(object({ subnet_id: text, ip_address: text })),
    device_id: text,
    device_owner: text,
    security_groups: texts,
    port_security_enabled: flag,
    'binding:vnic_type': text,
    'binding:host_id': optional(text),
    'binding:profile': optional(mapOf(anything)),
    'binding:vif_type': optional(word('bridge', 'unbound')),
    'binding:vif_details': optional(mapOf(anything)),
  },
  'Port',
);

/** A port as Neutron shows it; how it is bound is for administrators. */
export function portView({ caller }: Reading, port: Port): View {
  return {
    ...commonView(port),
    network_id: port.networkId,
    status: port.status,
    admin_state_up: port.adminStateUp,
    mac_address: port.mac,
    fixed_ips: port.fixedIps.map(({ subnetId, address }) => ({ subnet_id: subnetId, ip_address: address })),
    device_id: port.deviceId,
    device_owner: port.deviceOwner,
    security_groups: port.securityGroupIds,
    port_security_enabled: port.portSecurityEnabled,
    'binding:vnic_type': port.vnicType,
    ...(caller.isAdmin && {
      'binding:host_id': port.host ?? '',
      'binding:profile': {},
      'binding:vif_type': port.host === null ? 'unbound' : 'bridge',
      'binding:vif_details': {},
    }),
  };
}
