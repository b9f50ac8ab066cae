import type { Static, TSchema } from 'typebox';
import { Failure } from '../../model/failure.ts';
import { type ChosenIdentity, possibleDiskSerials } from '../../model/given-identity.ts';
import { isUuid, type ServerId } from '../../model/ids.ts';
import { DISK_ROLES, isMachineFamily, smbiosTexts } from '../../model/machine-identity.ts';
import { parseChosenMac } from '../../model/network/mac.ts';
import { Type } from '../../model/schema.ts';

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;
const text = (maxLength: number) => Type.String({ maxLength });
const textOrNull = (maxLength: number) => Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength });

const Smbios = Type.Object(
  {
    manufacturer: optional(text(255)),
    product: optional(text(255)),
    version: optional(text(255)),
    family: optional(text(255)),
  },
  closed,
);
const DiskSerials = Type.Unsafe<Partial<Record<(typeof DISK_ROLES)[number], string | null>>>(
  Type.Object(
    Object.fromEntries(DISK_ROLES.map((role): [string, TSchema] => [role, optional(textOrNull(255))])),
    closed,
  ),
);

/** `identity` of an import; {@link requestedIdentity} checks its values. */
export const IdentitySchema = Type.Object(
  {
    mode: optional(text(255)),
    id: optional(text(255)),
    serial: optional(textOrNull(255)),
    smbios: optional(Smbios),
    machine_type: optional(text(255)),
    disk_serials: optional(DiskSerials),
    mac_addresses: optional(Type.Array(text(255), { maxItems: 64 })),
  },
  closed,
);
export type IdentityBody = Static<typeof IdentitySchema>;

/** Words that `mode` explains itself with. */
const MODES =
  "'same' (the server is this machine: it keeps what is given, and nothing else that lives may have it) or 'copy' (the server is another machine: it gets an id, a serial, disk serials and MAC addresses of its own)";

/** Printable ASCII that neither begins nor ends with a blank. */
const PRINTABLE = /^[!-~](?:[ -~]*[!-~])?$/;
/** What libvirt takes as a disk's serial (src/qemu/qemu_command.c QEMU_SERIAL_PARAM_ACCEPTED_CHARS). */
const DISK_SERIAL = /^[A-Za-z0-9_-](?:[A-Za-z0-9_ -]{0,18}[A-Za-z0-9_-])?$/;
const MACHINE_TYPE = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
/** One digit 32 times: libvirt takes no such UUID. */
const ONE_DIGIT = /^(.)\1{31}$/;

/**
 * The identity that an import asks for.
 * @throws {Failure} `invalid`, naming field, value and what is accepted
 */
export function requestedIdentity(body: IdentityBody): ChosenIdentity {
  const { mode, smbios, machine_type: machineType } = body;
  if (mode !== 'same' && mode !== 'copy')
    throw new Failure('invalid', `identity.mode is ${shown(mode)}, but must be ${MODES}.`);
  const own = [body.id, body.serial, body.disk_serials, body.mac_addresses];
  const kept = [
    body.id,
    body.serial,
    ...Object.values(body.disk_serials ?? {}),
    ...(body.mac_addresses ?? []),
  ];
  if (mode === 'copy' && own.some((value) => value !== undefined))
    throw new Failure(
      'invalid',
      "identity.mode is 'copy', which makes id, serial, disk_serials and mac_addresses anew: leave them out, or say 'same'.",
    );
  if (mode === 'same' && kept.every((value) => value === undefined))
    throw new Failure(
      'invalid',
      "identity.mode is 'same', but nothing is given to keep: give one of id, serial, disk_serials and mac_addresses, or say 'copy'.",
    );
  const id = body.id === undefined ? null : idOf(body.id);
  return {
    id,
    macs: macsOf(body.mac_addresses ?? []),
    given: {
      ...(body.serial !== undefined && {
        serial: body.serial === null ? null : printable('serial', body.serial, 64),
      }),
      ...(smbios !== undefined && { smbios: smbiosOf(smbios) }),
      ...(machineType !== undefined && { machineType: machineTypeOf(machineType) }),
      diskSerials: diskSerialsOf(body.disk_serials ?? {}, id),
    },
  };
}

function idOf(written: string): ServerId {
  const id = written.toLowerCase();
  if (!isUuid(id) || ONE_DIGIT.test(id.replaceAll('-', '')))
    throw refused('id', written, 'a UUID with dashes, which is not one digit throughout');
  return id as ServerId;
}

function printable(field: string, value: string, most: number): string {
  if (!PRINTABLE.test(value) || value.length > most)
    throw refused(field, value, `1 to ${most} printable ASCII characters, without blanks at its ends`);
  return value;
}

function smbiosOf(smbios: Static<typeof Smbios>) {
  return smbiosTexts((name) => {
    const value = smbios[name] ?? '';
    return value === '' ? '' : printable(`smbios.${name}`, value, 64);
  });
}

function machineTypeOf(value: string): string {
  if (MACHINE_TYPE.test(value) && !isMachineFamily(value)) return value;
  throw refused(
    'machine_type',
    value,
    'the canonical name of a machine type, such as pc-i440fx-7.2; pc, q35 and their like become another with each release of QEMU',
  );
}

function diskSerialsOf(serials: NonNullable<IdentityBody['disk_serials']>, id: ServerId | null) {
  for (const [role, value] of Object.entries(serials))
    if (typeof value === 'string' && !DISK_SERIAL.test(value))
      throw refused(
        `disk_serials.${role}`,
        value,
        '1 to 20 ASCII letters, digits, blanks, - and _, without blanks at its ends, or null for none',
      );
  const values = possibleDiskSerials(id, { diskSerials: serials });
  if (new Set(values).size < values.length)
    throw refused(
      'disk_serials',
      values.join(', '),
      'another serial for each disk, of those that are made from the id too',
    );
  return serials;
}

function macsOf(written: readonly string[]) {
  const macs = written.map((text) => {
    const mac = parseChosenMac(text);
    if (mac === undefined)
      throw refused(
        'mac_addresses',
        text,
        'MAC addresses of one interface each, such as 52:54:00:12:34:56, whose first byte is not fe',
      );
    return mac;
  });
  if (new Set(macs).size < macs.length)
    throw refused('mac_addresses', macs.join(', '), 'another address for each interface');
  return macs;
}

function refused(field: string, value: string, accepted: string): Failure {
  return new Failure('invalid', `identity.${field} is ${shown(value)}, but must be ${accepted}.`);
}

function shown(value: string | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value.slice(0, 64));
}
