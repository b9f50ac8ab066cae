import type { ServerId } from './ids.ts';
import { DISK_ROLES, type DiskRole, diskSerialOf, type SmbiosNames } from './machine-identity.ts';
import type { MacAddress } from './network/network-ids.ts';

/**
 * What an administrator chose for a server when it was imported, and what it keeps until it is deleted. An
 * absent value is decided by the usual rules. The server's id and its MAC addresses are chosen as well, but
 * stored as such.
 */
export interface GivenIdentity {
  /** The SMBIOS system serial, whatever flavor, image and host say; null: the guest has none. */
  readonly serial?: string | null;
  readonly smbios?: SmbiosNames;
  /** The canonical name, such as `pc-i440fx-7.2`. */
  readonly machineType?: string;
  /** null: the disk has no serial. */
  readonly diskSerials: Readonly<Partial<Record<DiskRole, string | null>>>;
}

/** The identity of a server that is to be imported. */
export interface ChosenIdentity {
  /** Its id, which is its guest's UUID; null: a new one. */
  readonly id: ServerId | null;
  /** Of its new interfaces, in order; further ones get new addresses. */
  readonly macs: readonly MacAddress[];
  readonly given: GivenIdentity;
}

/** The disk serials that a server with this id may have: those it was given, and those made from its id. */
export function possibleDiskSerials(id: ServerId | null, { diskSerials }: GivenIdentity): string[] {
  return DISK_ROLES.flatMap((role) => {
    const given = diskSerials[role];
    if (given !== undefined) return given === null ? [] : [given];
    return id === null ? [] : [diskSerialOf(id, role)];
  });
}
