import { machineTypeToDefine } from '../model/machine-identity.ts';
import type { Filter } from './filter.ts';
import { propertyOf } from './image-property-names.ts';

/**
 * Passes hosts with the machine type that the server has, or that its image requires, and with the firmware:
 * others would refuse the guest at its definition or start. A host that does not report its platforms passes.
 */
export const platformFilter: Filter = {
  name: 'PlatformFilter',
  onRebuild: true,
  forOwner:
    'has the machine type that the server keeps, and what its image asks for (hw_machine_type, hw_firmware_type)',
  testFor({ image, machine, given }) {
    const named = propertyOf(image, 'hw_machine_type')?.trim();
    const machineType = machineTypeToDefine(machine, named, given);
    const firmware = propertyOf(image, 'hw_firmware_type')?.trim().toLowerCase();
    if (machineType === undefined && firmware === undefined) return undefined;
    return ({ host: { platforms } }) => {
      if (platforms === undefined) return undefined;
      if (machineType !== undefined && !platforms.machineTypes.includes(machineType))
        return machineType === named
          ? `The image asks for machine type ${machineType} (hw_machine_type); the host has none of that name.`
          : machine === null
            ? `The server was imported with machine type ${machineType}; the host has none of that name.`
            : `The server was first defined with machine type ${machineType} and keeps it; the host has none of that name.`;
      if (firmware !== undefined && !(platforms.firmware as readonly string[]).includes(firmware))
        return `The image asks for ${firmware.toUpperCase()} firmware (hw_firmware_type); the host has ${platforms.firmware.join(' and ') || 'none'}.`;
      return undefined;
    };
  },
};
