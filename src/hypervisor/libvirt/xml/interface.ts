import { Failure } from '../../../model/failure.ts';
import type { Attachment } from '../../../model/network/attachment.ts';
import { element, type XmlElement } from '../../../model/xml-element.ts';
import type { Hardware } from './hardware.ts';

interface InterfaceOptions extends Pick<Hardware, 'vifModel'> {
  /** The `<address>` that it has had; undefined: libvirt assigns one. */
  readonly at?: XmlElement | undefined;
  /** Whether the device tells the guest its MTU. Those of release 0.1 do not. */
  readonly tellsMtu?: boolean;
}

/**
 * The interface of a port. Its alias names the port; the device on the host is libvirt's to name. Pure.
 * @throws {Failure} `invalid` for one that is no libvirt host's
 */
export function interfaceElement(
  { port, source, filter }: Attachment,
  { vifModel, at, tellsMtu = true }: InterfaceOptions,
): XmlElement {
  if (source.type === 'simulated')
    throw new Failure('invalid', `Port ${port.id} is on a network that no real guest can be on.`);
  return element('interface', { type: source.type }, [
    element('mac', { address: port.mac }),
    element('source', source.type === 'network' ? { network: source.name } : { bridge: source.name }),
    element('model', { type: vifModel }),
    tellsMtu ? element('mtu', { size: String(port.network.mtu) }) : undefined,
    filter === null ? undefined : element('filterref', { filter }),
    element('alias', { name: `ua-${port.id}` }),
    at,
  ]);
}
