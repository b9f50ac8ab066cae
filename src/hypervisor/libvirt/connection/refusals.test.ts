import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { errorCodes, LibvirtError } from 'libvirt-rpc';
import { userText } from '../../../model/user-text.ts';
import { imageRefusal } from '../disks/image-refusals.ts';
import { libvirtFailure } from './failures.ts';
import { USER_REFUSALS } from './refusals.ts';

const UUID = '5e51a1b2-0000-4000-8000-000000000001';
const { ERR_XML_ERROR, ERR_CONFIG_UNSUPPORTED, ERR_INTERNAL_ERROR, ERR_OPERATION_FAILED, ERR_SYSTEM_ERROR } =
  errorCodes;
const failureOf = (code: number, message: string) =>
  libvirtFailure(
    new LibvirtError({ code, message, domain: 10, level: 2, guest: undefined }, 'domainCreate'),
    `starting guest ${UUID}`,
  );

/** Sentences as libvirt 9.0 and QEMU 7.2 said them, with what users must be able to find in ours. */
const FOR_USERS: readonly (readonly [code: number, message: string, says: RegExp])[] = [
  [ERR_OPERATION_FAILED, "operation failed: Unable to find any firmware to satisfy 'efi'", /UEFI.*hw_firmware_type/],
  [ERR_CONFIG_UNSUPPORTED, "unsupported configuration: Emulator '/usr/bin/qemu-system-x86_64' does not support machine type 'pc-i440fx-1.0'", /machine type.*hw_machine_type/],
  [ERR_XML_ERROR, 'XML error: No PCI buses available', /hw_machine_type/],
  [ERR_CONFIG_UNSUPPORTED, 'unsupported configuration: IDE controllers are unsupported for this QEMU binary or machine type', /IDE.*hw_disk_bus/],
  [ERR_CONFIG_UNSUPPORTED, 'unsupported configuration: Maximum CPUs greater than specified machine type limit 255', /vCPUs/],
  [ERR_CONFIG_UNSUPPORTED, 'unsupported configuration: Unsupported controller model: buslogic', /hw_scsi_model/],
  [ERR_CONFIG_UNSUPPORTED, 'unsupported configuration: USB is disabled for this domain, but USB devices are present in the domain XML', /USB/],
  [ERR_CONFIG_UNSUPPORTED, "unsupported configuration: domain configuration does not support video model 'qxl'", /hw_video_model/],
  [ERR_CONFIG_UNSUPPORTED, "unsupported configuration: No emulator found for arch 'aarch64'", /hw_architecture/],
  [ERR_INTERNAL_ERROR, 'internal error: qemu unexpectedly closed the monitor: qemu: invalid kernel header', /kernel_id/],
  [ERR_INTERNAL_ERROR, "internal error: process exited while connecting to monitor: qemu: could not load kernel '/srv/instances/x/kernel': No such file or directory", /kernel_id/],
  [ERR_INTERNAL_ERROR, 'internal error: qemu unexpectedly closed the monitor: qemu: linux kernel too old to load a ram disk', /kernel_id/],
  [ERR_INTERNAL_ERROR, 'internal error: process exited while connecting to monitor: 2026-11-28T01:19:32.047943Z qemu-system-x86_64: -device {"driver":"bogusnic"}: \'bogusnic\' is not a valid device model name', /hw_vif_model/],
]; // biome-ignore format: a table

/** The same, where users can do nothing. */
const FOR_OPERATORS: readonly (readonly [code: number, message: string, kind: string])[] = [
  [ERR_SYSTEM_ERROR, "Cannot access storage file '/srv/instances/x/disk': No such file or directory", 'internal'],
  [ERR_INTERNAL_ERROR, "internal error: Unable to parse RNG /usr/share/libvirt/schemas/domain.rng: Error type 'unsignedLong' is not exported by type library 'http://www.w3.org/2001/XMLSchema-datatypes'", 'unavailable'],
  [ERR_OPERATION_FAILED, "operation failed: domain 'theirs' is already defined with uuid 5e51a1b2-0000-4000-8000-000000000001", 'conflict'],
  [ERR_SYSTEM_ERROR, "Cannot get interface MTU on 'nobr0': No such device", 'internal'],
  [ERR_INTERNAL_ERROR, "internal error: process exited while connecting to monitor: qemu: could not load kernel '/srv/images/kernel': Permission denied", 'internal'],
  [ERR_INTERNAL_ERROR, "internal error: process exited while connecting to monitor: qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory", 'out-of-space'],
  [ERR_INTERNAL_ERROR, 'internal error: Unknown CPU model Nonsense', 'internal'],
  [ERR_SYSTEM_ERROR, "Failed to create file '/srv/instances/x/console.log': No space left on device", 'out-of-space'],
]; // biome-ignore format: a table

/** Text of a host: no user is to see any of it. */
const anyOfHost = fc.oneof(
  fc.constant('/var/lib/nameplate/instances/secret/disk'),
  fc.constant('qemu-system-x86_64 -blockdev {"driver":"file"}'),
  fc.array(fc.stringMatching(/^[a-z.]{1,12}$/), { minLength: 1 }).map((parts) => `/${parts.join('/')}`),
);

describe('what libvirt refuses', () => {
  it('is said to the user where the user can mend it, in our words', () => {
    for (const [code, message, says] of FOR_USERS) {
      const failure = failureOf(code, message);
      assert.equal(failure.kind, 'invalid', message);
      assert.match(failure.message, says);
      assert.ok(failure.operatorText.includes(message), 'operators read all of it');
    }
  });

  it('is said to the operator alone where only the operator can', () => {
    for (const [code, message, kind] of FOR_OPERATORS) {
      const failure = failureOf(code, message);
      assert.equal(failure.kind, kind, message);
      assert.ok(failure.message.endsWith(`: starting guest ${UUID}.`), failure.message);
      assert.ok(failure.operatorText.includes(message));
    }
  });

  it('never shows a user a path, a command line or any other word of the host', () => {
    const anyMessage = fc.tuple(
      fc.oneof(
        fc.string(),
        fc.constantFrom(...[...FOR_USERS, ...FOR_OPERATORS].map(([, message]) => message)),
      ),
      anyOfHost,
    );
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(errorCodes)), anyMessage, (code, [message, ofHost]) => {
        for (const said of [`${message} ${ofHost}`, `${ofHost}: ${message}`]) {
          const { message: shown } = failureOf(code, said);
          assert.doesNotMatch(shown, /\//);
          assert.ok(!shown.includes(ofHost), shown);
          assert.equal(userText(shown), shown);
        }
      }),
    );
    for (const text of USER_REFUSALS) assert.doesNotMatch(text, /\//);
  });
});

describe("what QEMU says of a user's image", () => {
  it('is sorted, and none of its words are shown', () => {
    for (const [complaint, says] of [
      [
        "qemu-img: Could not open 'json:{…}': Parameter 'encrypt.key-secret' is required for cipher",
        'it is encrypted',
      ],
      [
        "qemu-img: Could not open '/srv/x': Active L1 table too large",
        'a size in it is larger than is supported',
      ],
      [
        "qemu-img: Could not open '/srv/x': Unsupported qcow2 version 9",
        'it uses a feature that the host does not know',
      ],
      ["qemu-img: Could not open '/srv/x': Invalid L1 table offset", 'it is damaged'],
      ['qemu-img: error while reading at byte 0: Input/output error', 'it is damaged'],
      ['qemu-img: something else', undefined],
    ] as const)
      assert.equal(imageRefusal(complaint), says, complaint);
  });
});

describe('a text for users', () => {
  it('is replaced when it names a file, a program or a stack of a host, whoever wrote it', () => {
    fc.assert(
      fc.property(
        fc.string(),
        anyOfHost,
        fc.constantFrom(' ', ": '", ' (', '="'),
        (before, ofHost, between) => {
          const shown = userText(`${before}${between}${ofHost}`);
          assert.ok(!shown.includes(ofHost), shown);
        },
      ),
    );
    assert.equal(userText('TypeError: x\n    at run (node.js:1)'), 'The compute host failed.');
  });

  it('stays as it is otherwise', () => {
    for (const text of [
      'No valid host was found. There are not enough hosts available.',
      "Image property hw_disk_bus is 'a/b', but must be one of virtio, scsi.",
      'Resize error: Unable to resize disk down.',
      ...USER_REFUSALS,
    ])
      assert.equal(userText(text), text);
  });
});
