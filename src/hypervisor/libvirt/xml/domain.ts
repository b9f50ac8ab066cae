import { element, textElement, writeXml, type XmlElement } from '../../../model/xml-element.ts';
import { writableInXml } from '../../../model/xml-text.ts';
import { cpuElement } from './cpu.ts';
import { devicesElement } from './devices.ts';
import type { DomainInputs } from './domain-inputs.ts';
import { type Hardware, hardwareOf } from './hardware.ts';
import { metadataElement } from './metadata.ts';
import { hasSmbios, sysinfoElement } from './sysinfo.ts';

/**
 * Nova's kernel command line for an image without one (nova/virt/libvirt/driver.py
 * _set_guest_for_inst_kernel).
 */
const DEFAULT_COMMAND_LINE = 'root=/dev/vda console=tty0 console=ttyS0';

function osElement({ files, arch, identity }: DomainInputs, hardware: Hardware): XmlElement {
  const commandLine = hardware.commandLine ?? DEFAULT_COMMAND_LINE;
  const boot =
    files.kernel === null
      ? [element('boot', { dev: files.root.device === 'cdrom' ? 'cdrom' : 'hd' })]
      : [
          textElement('kernel', files.kernel),
          files.ramdisk === null ? undefined : textElement('initrd', files.ramdisk),
          textElement('cmdline', writableInXml('Image property os_command_line', commandLine)),
        ];
  return element('os', hardware.uefi ? { firmware: 'efi' } : {}, [
    element('type', { arch, machine: identity.machineType }, 'hvm'),
    files.variables === null ? undefined : textElement('nvram', files.variables),
    ...boot,
    hasSmbios(arch) ? element('smbios', { mode: 'sysinfo' }) : undefined,
  ]);
}

function clockElement(arch: string): XmlElement {
  const timers = [
    element('timer', { name: 'pit', tickpolicy: 'delay' }),
    element('timer', { name: 'rtc', tickpolicy: 'catchup' }),
    element('timer', { name: 'hpet', present: 'no' }),
  ];
  return element('clock', { offset: 'utc' }, hasSmbios(arch) ? timers : []);
}

/** Sets the user of QEMU, unless libvirt chooses it. */
function securityLabel(runAs: string | null): XmlElement | undefined {
  if (runAs === null) return undefined;
  return element('seclabel', { type: 'static', model: 'dac', relabel: 'no' }, [textElement('label', runAs)]);
}

/**
 * The domain's definition as XML text, in the order and form of Nova's (nova/virt/libvirt/config.py
 * LibvirtConfigGuest.format_dom). Pure: equal inputs give equal texts.
 * @throws {Failure} `invalid` when an image property has an unknown value, or a name has a character that
 *   XML cannot hold
 */
export function domainXml(inputs: DomainInputs): string {
  const { plan, serial, version, arch, identity } = inputs;
  const hardware = hardwareOf(plan, arch, identity.machineType);
  return writeXml(
    element('domain', { type: inputs.virtType }, [
      textElement('uuid', plan.serverId),
      textElement('name', plan.domainName),
      textElement('memory', plan.flavor.ramMb * 1024),
      textElement('vcpu', plan.flavor.vcpus),
      metadataElement(plan, version, inputs.creationTime),
      identity.smbios === null
        ? undefined
        : sysinfoElement({ names: identity.smbios, serial, uuid: plan.serverId }),
      osElement(inputs, hardware),
      element('features', {}, [element('acpi'), hasSmbios(arch) ? element('apic') : undefined]),
      clockElement(arch),
      cpuElement(inputs),
      devicesElement(inputs, hardware),
      securityLabel(inputs.runAs),
    ]),
  );
}
