import type { FlavorSnapshot } from '../../../model/flavor.ts';
import type { GuestPlan } from '../../../model/guest.ts';
import type { ImageSnapshot } from '../../../model/image.ts';
import { element, textElement, type XmlElement } from '../../../model/xml-element.ts';
import { writableInXml } from '../../../model/xml-text.ts';

/** The namespace of Nova's domain metadata (nova/virt/libvirt/config.py NOVA_NS). */
export const NOVA_NAMESPACE = 'http://openstack.org/xmlns/libvirt/nova/1.1';

function flavorElement(flavor: FlavorSnapshot): XmlElement {
  const specs = Object.entries(flavor.extraSpecs).map(([name, value]) =>
    element(
      'nova:extraSpec',
      { name: writableInXml('The name of an extra spec', name) },
      writableInXml(`Extra spec '${name}'`, value),
    ),
  );
  return element('nova:flavor', { name: writableInXml('The flavor name', flavor.name), id: flavor.id }, [
    textElement('nova:memory', flavor.ramMb),
    textElement('nova:disk', flavor.rootGb),
    textElement('nova:swap', flavor.swapMb),
    textElement('nova:ephemeral', flavor.ephemeralGb),
    textElement('nova:vcpus', flavor.vcpus),
    specs.length === 0 ? element('nova:extraSpecs') : element('nova:extraSpecs', {}, specs),
  ]);
}

function imageElement(image: ImageSnapshot): XmlElement {
  const properties = Object.entries(image.properties).map(([name, value]) =>
    element(
      'nova:property',
      { name: writableInXml('The name of an image property', name) },
      writableInXml(`Image property '${name}'`, value),
    ),
  );
  return element('nova:image', { uuid: image.id }, [
    textElement('nova:containerFormat', image.containerFormat),
    textElement('nova:diskFormat', image.diskFormat),
    textElement('nova:minDisk', image.minDisk),
    textElement('nova:minRam', image.minRam),
    element('nova:properties', {}, properties),
  ]);
}

/** `2026-01-31 12:00:00`, UTC. */
function creationTimeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ');
}

/**
 * The `<metadata>` that describes the server of a domain (nova/virt/libvirt/config.py
 * LibvirtConfigGuestMetaNovaInstance).
 * @param creationTime epoch milliseconds
 * @throws {Failure} `invalid`, with the field, when a name or value has a character that XML cannot hold
 */
export function metadataElement(plan: GuestPlan, version: string, creationTime: number): XmlElement {
  return element('metadata', {}, [
    element('nova:instance', { 'xmlns:nova': NOVA_NAMESPACE }, [
      element('nova:package', { version }),
      element('nova:name', {}, writableInXml('The server name', plan.displayName)),
      textElement('nova:creationTime', creationTimeText(creationTime)),
      flavorElement(plan.flavor),
      imageElement(plan.image),
      element('nova:owner', {}, [
        element('nova:user', { uuid: plan.userId }, writableInXml('The user name', plan.userName)),
        element(
          'nova:project',
          { uuid: plan.projectId },
          writableInXml('The project name', plan.projectName),
        ),
      ]),
      element('nova:root', { type: 'image', uuid: plan.image.id }),
    ]),
  ]);
}
