import type { Port } from '../../../model/network/port.ts';
import type { Microversion } from '../../http/microversion.ts';
import { listOf, object, since, text, textOrNull } from '../../http/shape.ts';

const interfaceAttachment = object(
  {
    net_id: text,
    port_id: text,
    mac_addr: text,
    port_state: text,
    fixed_ips: listOf(object({ subnet_id: text, ip_address: text })),
    tag: since(70, textOrNull),
  },
  'InterfaceAttachment',
);

export const oneInterface = object({ interfaceAttachment });
export const interfaceList = object({ interfaceAttachments: listOf(interfaceAttachment) });

/** nova/api/openstack/compute/attach_interfaces.py _translate_interface_attachment_view */
export function interfaceView(port: Port, version: Microversion): object {
  return {
    net_id: port.networkId,
    port_id: port.id,
    mac_addr: port.mac,
    port_state: port.status,
    fixed_ips: port.fixedIps.map(({ subnetId, address }) => ({ subnet_id: subnetId, ip_address: address })),
    ...(version >= 70 && { tag: port.deviceTag }),
  };
}
