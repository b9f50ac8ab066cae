/**
 * What a simulated guest prints before its own line. Clients and their tests expect more than ten lines of a
 * boot; the log as it is stored has the guest's line alone.
 */
const BOOT_MESSAGES = [
  'simulated: booting',
  ...['cpu', 'memory', 'acpi', 'pci bus', 'clock', 'disks', 'network', 'serial console', 'file systems'].map(
    (device) => `simulated: ${device} ready`,
  ),
  'simulated: init started',
];

/** The line that a guest prints once a boot, with the values that a real one reads from its SMBIOS table. */
export function bootLine(guest: { readonly serial: string | null; readonly uuid: string }, boots: number) {
  return `nameplate-simulated serial=${guest.serial ?? 'Not_Specified'} uuid=${guest.uuid} boot=${boots}\n`;
}

/** The console log of a guest. @param lines the stored log: one {@link bootLine} a boot */
export function consoleOf(lines: string): string {
  const boots = lines.split('\n').slice(0, -1);
  return boots.map((line) => [...BOOT_MESSAGES, line, ''].join('\n')).join('');
}
