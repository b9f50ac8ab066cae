import { Failure } from '../../../model/failure.ts';
import type { Attachment } from '../../../model/network/attachment.ts';
import { element, type XmlElement } from '../../../model/xml-element.ts';
import type { Hardware } from './hardware.ts';

/**
 * The interface of a port. Its alias names the port; the device on the host is libvirt's to name. Pure.
 * @param how.at the `<address>` that it has had; undefined: libvirt assigns one
 * @throws {Failure} `invalid` for one that is no libvirt host's
 */
export function interfaceElement(
  { port, source, filter }: Attachment,
  { vifModel, at }: Pick<Hardware, 'vifModel'> & { readonly at?: XmlElement | undefined },
): XmlElement {
  if (source.type === 'simulated')
    throw new Failure('invalid', `Port ${port.id} is on a network that no real guest can be on.`);
  return element('interface', { type: source.type }, [
    element('mac', { address: port.mac }),
    element('source', source.type === 'network' ? { network: source.name } : { bridge: source.name }),
    element('model', { type: vifModel }),
    element('mtu', { size: String(port.network.mtu) }),
    filter === null ? undefined : element('filterref', { filter }),
    element('alias', { name: `ua-${port.id}` }),
    at,
  ]);
}
