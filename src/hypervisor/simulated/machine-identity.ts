import type { GuestPlan } from '../../model/guest.ts';
import type { GuestReading } from '../../model/guest-reading.ts';
import {
  type DiskRole,
  devicesOf,
  diskSerialOf,
  hasScreen,
  heldIdentity,
  type MachineIdentity,
  machineTypeToDefine,
} from '../../model/machine-identity.ts';
import type { SimulatedDefinition } from './guest-file.ts';

/** The canonical name of the machine type that simulated guests have by default. */
const DEFAULT_MACHINE_TYPE = 'pc-simulated-1.0';
const FIRST_SLOT = 3;
const SMBIOS = { manufacturer: 'Nameplate', product: 'Simulated', version: '1', family: 'Virtual Machine' };

/** What a definition says that its guest is known by; those of release 0.1 say little. */
export function identityOf({ machine }: Pick<SimulatedDefinition, 'machine'>): MachineIdentity {
  const nothing = { diskSerials: {}, addresses: {}, controllers: [] };
  return machine ?? { smbios: SMBIOS, machineType: DEFAULT_MACHINE_TYPE, ...nothing };
}

/** What a guest that was started with this definition reads. */
export function readingOf(live: SimulatedDefinition): GuestReading {
  const { uuid, serial, macs = [] } = live;
  return { uuid, serial, macs, machine: identityOf(live), cpu: live.cpu ?? null };
}

/** What a simulated guest is known by: the names and disk serials of a real one, at addresses in a row. */
export function simulatedIdentity(plan: GuestPlan, held: MachineIdentity | null): MachineIdentity {
  const disks: DiskRole[] = ['root'];
  if (plan.flavor.ephemeralGb > 0) disks.push('ephemeral');
  if (plan.flavor.swapMb > 0) disks.push('swap');
  if (plan.configDrive) disks.push('config');
  const address = (index: number) => `0000:00:${(FIRST_SLOT + index).toString(16).padStart(2, '0')}.0`;
  const wanted = plan.image.properties.hw_machine_type;
  const given = plan.given ?? { diskSerials: {} };
  const haveSerials =
    held === null || held.diskSerials.root !== undefined || given.diskSerials.root !== undefined;
  const serialOf = (role: DiskRole) => {
    const chosen = given.diskSerials[role];
    return chosen === undefined && haveSerials ? diskSerialOf(plan.serverId, role) : chosen;
  };
  return heldIdentity(held, {
    smbios: given.smbios ?? SMBIOS,
    machineType: machineTypeToDefine(held, wanted === '' ? undefined : wanted, given) ?? DEFAULT_MACHINE_TYPE,
    diskSerials: Object.fromEntries(
      disks.flatMap((role) => {
        const serial = serialOf(role);
        return typeof serial === 'string' ? [[role, serial]] : [];
      }),
    ),
    addresses: Object.fromEntries(disks.map((role, index) => [`disk/${role}`, address(index)])),
    controllers: [],
    devices: devicesOf(hasScreen(held)),
  });
}
