import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkBootProperties, checkStoredProperty } from './check-image-property.ts';
import { Failure } from './failure.ts';
import { hardwareValues, knownImageProperties } from './image-property.ts';

/** Why a server cannot be made of an image with the property; undefined when it can. */
function refusal(key: string, value: string): string | undefined {
  return thrownBy(() => checkBootProperties({ [key]: value }));
}

/** Why an image cannot get the property; undefined when it can. */
function refusalWhenStored(key: string, value: string | null): string | undefined {
  return thrownBy(() => checkStoredProperty(key, value));
}

function thrownBy(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (thrown) {
    assert.ok(thrown instanceof Failure);
    assert.equal(thrown.kind, 'invalid');
    return thrown.message;
  }
}

const id = '7f8c1e2a-0000-4000-8000-0123456789ab';

describe('properties of an image that a server is made of', () => {
  it('hw_unique_serial: the twelve boolean words and no other', () => {
    for (const word of ['1', 't', 'True', 'on', 'y', 'YES', '0', 'f', 'false', ' off ', 'n', 'no']) {
      assert.equal(refusal('hw_unique_serial', word), undefined, word);
    }
    for (const word of ['', 'unique', 'enabled', '2', 'truee']) {
      assert.equal(
        refusal('hw_unique_serial', word),
        `Image property 'hw_unique_serial' has the value '${word}', but accepted is 1, t, true, on, y, yes for true, 0, f, false, off, n, no for false, in any case.`,
      );
    }
  });

  it('virtual hardware: its words in any case, nothing for unset', () => {
    for (const [name, words] of Object.entries(hardwareValues)) {
      for (const word of [...words, '', ` ${words[0].toUpperCase()} `])
        assert.equal(refusal(name, word), undefined, word);
      const why = refusal(name, 'vmxnet3');
      assert.equal(
        why,
        `Image property '${name}' has the value 'vmxnet3', but accepted is one of ${words.join(', ')}.`,
      );
    }
  });

  it('kernel_id and ramdisk_id: ids of images', () => {
    for (const name of ['kernel_id', 'ramdisk_id']) {
      for (const value of [id, id.toUpperCase(), '']) assert.equal(refusal(name, value), undefined);
      for (const value of ['../../etc/passwd', id.replaceAll('-', ''), `${id}\n`, 'my-kernel']) {
        assert.match(refusal(name, value) ?? 'accepted', /accepted is the id of an image, a UUID\.$/);
      }
    }
  });

  it('os_command_line: one printable line', () => {
    for (const value of ['', 'console=ttyS0 root=/dev/vda', 'x="<&>"', 'ü🙂', 'x'.repeat(2048)]) {
      assert.equal(refusal('os_command_line', value), undefined, value);
    }
    for (const value of ['a\nb', 'a\0', '\u001b[0m', '\ud800', 'x'.repeat(2049)]) {
      assert.match(
        refusal('os_command_line', value) ?? 'accepted',
        /accepted is one line of at most 2048 printable/,
      );
    }
  });

  it('hw_machine_type: a name', () => {
    for (const value of ['pc', 'q35', 'pc-i440fx-7.2', 'pc-q35-rhel9.0.0', '']) {
      assert.equal(refusal('hw_machine_type', value), undefined, value);
    }
    for (const value of ['q35,usb=on', '-x', "pc'/>", 'a b', 'x'.repeat(65)]) {
      assert.match(
        refusal('hw_machine_type', value) ?? 'accepted',
        /accepted is the name of a QEMU machine type/,
      );
    }
  });

  it('img_hv_requested_version: conditions', () => {
    for (const value of ['>=7.2', ' >= 6.0 , < 8 ', ''])
      assert.equal(refusal('img_hv_requested_version', value), undefined, value);
    for (const value of ['7.2', 'new', '>=7,'])
      assert.match(refusal('img_hv_requested_version', value) ?? 'accepted', /accepted is conditions/);
  });

  it('hw_emulation_architecture: the one that is no emulation', () => {
    for (const value of ['', 'x86_64', ' AMD64 '])
      assert.equal(refusal('hw_emulation_architecture', value), undefined);
    for (const value of ['aarch64', 'i686', 'ppc64le', 'x86_64 ,aarch64'])
      assert.match(
        refusal('hw_emulation_architecture', value) ?? 'accepted',
        /Nameplate does not emulate another\.$/,
      );
  });

  it('older names are judged as the new ones', () => {
    for (const name of ['architecture', 'hypervisor_type', 'vm_mode']) {
      assert.equal(refusal(name, 'x86_64'), undefined);
      assert.match(
        refusal(name, 'two words') ?? 'accepted',
        new RegExp(`^Image property '${name}' has the value 'two words'`),
      );
    }
    assert.match(refusal('hypervisor_version_requires', 'new') ?? 'accepted', /accepted is conditions/);
  });

  it('a long value is not shown whole', () => {
    const why = refusal('hw_vif_model', 'x'.repeat(65_000)) ?? '';
    assert.ok(why.length < 500, why.length.toString());
  });

  it('leaves all other properties alone, unless XML cannot hold them', () => {
    const known = new Set(knownImageProperties.flatMap(({ name, olderName }) => [name, olderName]));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (key, value) => {
        fc.pre(!known.has(key) && !/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(key + value));
        assert.equal(refusal(key, value), undefined);
        assert.equal(refusalWhenStored(key, value), undefined);
      }),
    );
    for (const key of ['HW_UNIQUE_SERIAL', 'hw:unique_serial', 'constructor'])
      assert.equal(refusal(key, 'x'), undefined, 'what is stored already does not prevent a server');
  });
});

describe('properties that an image gets', () => {
  it('may have values for the virtual hardware of other clouds', () => {
    for (const [key, value] of [
      ...[['hw_vif_model', 'vmxnet3'] as const, ['hw_video_model', 'vmvga'] as const],
      ...[['hw_disk_bus', 'fdc'] as const, ['hw_scsi_model', 'bogus'] as const],
      ...[['hw_machine_type', 'pc;rm'] as const, ['hw_firmware_type', 'coreboot'] as const],
      ...[['hw_emulation_architecture', 'aarch64'] as const, ['img_hv_requested_version', 'new'] as const],
      ...[['os_command_line', 'two\nlines'] as const, ['hw_cdrom_bus', 'scsi2'] as const],
    ]) {
      assert.equal(refusalWhenStored(key, value), undefined, key);
      assert.match(refusal(key, value) ?? 'accepted', new RegExp(`^Image property '${key}' has the value`));
    }
  });

  it('hw_unique_serial is judged at once', () => {
    assert.equal(refusalWhenStored('hw_unique_serial', ' YES '), undefined);
    assert.match(refusalWhenStored('hw_unique_serial', 'maybe') ?? 'accepted', /accepted is 1, t, true/);
  });

  it('a name that is nearly hw_unique_serial is refused with the right one', () => {
    for (const key of [
      'hw:unique_serial',
      'hw:unique-serial',
      'HW_UNIQUE_SERIAL',
      'unique_serial',
      'hw_uniqe_serial',
    ])
      assert.match(refusalWhenStored(key, 'true') ?? 'accepted', /the image property is 'hw_unique_serial'/);
  });

  it('kernel_id and ramdisk_id are the UUID of an image, or null', () => {
    for (const key of ['kernel_id', 'ramdisk_id']) {
      for (const value of [null, id, id.toUpperCase()])
        assert.equal(refusalWhenStored(key, value), undefined);
      for (const value of ['', 'vmlinuz', ` ${id}`])
        assert.match(
          refusalWhenStored(key, value) ?? 'accepted',
          /accepted is the id of an image, a UUID\.$/,
        );
    }
  });

  it('what XML cannot hold is refused in names and values alike', () => {
    for (const bad of ['\0', '\u0001', '\u001f', '\ud800', '\udfff', '\ufffe', '\uffff']) {
      assert.match(
        refusalWhenStored('foo', `a${bad}`) ?? 'accepted',
        /^Image property 'foo' has the character U\+/,
      );
      assert.match(
        refusalWhenStored(`a${bad}`, 'x') ?? 'accepted',
        /^The name of an image property has the character/,
      );
      assert.match(refusal('foo', `a${bad}`) ?? 'accepted', /^Image property 'foo' has the character U\+/);
    }
    for (const good of ['a\tb\r\n', '\u007f', '🙂', '\ufffd', '\u{1fffe}'])
      assert.equal(refusalWhenStored('foo', good), undefined);
  });
});
