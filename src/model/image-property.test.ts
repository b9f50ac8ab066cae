import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Failure } from './failure.ts';
import { hardwareWords, knownImageProperties, validateImageProperty } from './image-property.ts';

/** Why a property is refused; undefined when it is not. */
function refusal(key: string, value: string): string | undefined {
  try {
    validateImageProperty(key, value);
    return undefined;
  } catch (thrown) {
    assert.ok(thrown instanceof Failure);
    assert.equal(thrown.kind, 'invalid');
    return thrown.message;
  }
}

const id = '7f8c1e2a-0000-4000-8000-0123456789ab';

describe('validateImageProperty', () => {
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
    for (const [name, words] of Object.entries(hardwareWords)) {
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

  it('leaves all other properties alone', () => {
    const known = new Set(knownImageProperties.map(({ name }) => name));
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: 'binary' }), (key, value) => {
        fc.pre(!known.has(key));
        assert.equal(refusal(key, value), undefined);
      }),
    );
    for (const key of ['HW_UNIQUE_SERIAL', 'hw:unique_serial', 'constructor'])
      assert.equal(refusal(key, 'x'), undefined);
  });
});
