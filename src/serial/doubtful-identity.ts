import { type HostIdentity, usesMachineId } from './host-identity.ts';

/**
 * Placeholder UUIDs that board makers leave in the DMI table of many machines. Guests get them as their
 * serial, as in Nova, but they do not identify a host. Collected from public reports of fwupd, systemd and
 * Satellite.
 */
const PLACEHOLDER_UUIDS = new Set([
  '03000200-0400-0500-0006-000700080009',
  '12345678-1234-5678-90ab-cddeefaabbcc',
  '00020003-0004-0005-0006-000700080009',
  '01020304-0506-0708-090a-0b0c0d0e0f10',
]);

/** Why the host UUID does not identify this host; undefined if it does, or if guests cannot get it. */
export function doubtfulIdentity(identity: HostIdentity): string | undefined {
  const { option, hardwareUuid } = identity;
  if (
    option === 'none' ||
    identity.withoutSmbios !== undefined ||
    hardwareUuid === null ||
    usesMachineId(option, identity)
  )
    return undefined;
  if (!PLACEHOLDER_UUIDS.has(hardwareUuid.toLowerCase())) return undefined;
  return `[libvirt] sysinfo_serial = ${option}: the host UUID ${hardwareUuid} is a placeholder that many boards have; set host_uuid in libvirtd.conf`;
}
