import { randomUUID } from 'node:crypto';

export interface TestGuest {
  readonly name: string;
  readonly uuid: string;
  readonly xml: string;
}

/** A guest without anything to boot: its firmware runs, and that is enough to be started, paused, moved. */
export function testGuest(type: 'qemu' | 'test', name: string, devices = ''): TestGuest {
  const uuid = randomUUID();
  const xml = `<domain type='${type}'>
    <name>${name.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</name>
    <uuid>${uuid}</uuid>
    <memory unit='MiB'>64</memory>
    <vcpu>1</vcpu>
    <os><type arch='${type === 'test' ? 'i686' : 'x86_64'}'>hvm</type></os>
    <devices>${devices}<memballoon model='none'/></devices>
  </domain>`;
  return { name, uuid, xml };
}
