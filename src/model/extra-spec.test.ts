import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { knownExtraSpec, validateExtraSpec } from './extra-spec.ts';
import { Failure } from './failure.ts';
import { knownExtraSpecs } from './known-extra-specs.ts';

/** Why an extra spec is refused; undefined when it is not. */
function refusal(key: string, value: string, strictNames = true): string | undefined {
  try {
    validateExtraSpec({ key, value, strictNames });
    return undefined;
  } catch (thrown) {
    assert.ok(thrown instanceof Failure);
    assert.equal(thrown.kind, 'invalid');
    return thrown.message;
  }
}

describe('hw:unique_serial', () => {
  for (const strictNames of [true, false]) {
    it(`takes the twelve boolean words and no other, strict names ${strictNames ? 'on' : 'off'}`, () => {
      for (const word of [
        '1',
        't',
        'true',
        'on',
        'y',
        'yes',
        '0',
        'f',
        'false',
        'off',
        'n',
        'no',
        'TRUE',
        ' Yes ',
      ]) {
        assert.equal(refusal('hw:unique_serial', word, strictNames), undefined, word);
      }
      for (const word of ['', 'unique', 'enabled', 'tru', '2', '1.0', 'None']) {
        assert.equal(
          refusal('hw:unique_serial', word, strictNames),
          `Validation failed; '${word}' is not a valid boolean-like value. 'hw:unique_serial' accepts 1, t, true, on, y, yes for true, 0, f, false, off, n, no for false, in any case.`,
        );
      }
    });
  }
});

describe('validateExtraSpec, strict names (2.86 and later)', () => {
  it('refuses an unknown name in each known namespace', () => {
    const unknown = [
      'accel:x',
      'capabilities:x',
      'hw:x',
      'hw_rng:x',
      'hw_video:x',
      'os:x',
      'pci_passthrough:x',
      'quota:x',
    ];
    for (const key of [
      ...unknown,
      'resources:X',
      'resources1:X',
      'trait:x',
      'trait_g:x',
      'vmware:x',
      'hw:',
      'hw:Unique_serial',
    ]) {
      const sentence = `Validation failed; extra spec '${key}' does not appear to be a valid extra spec.`;
      assert.equal(refusal(key, 'true'), sentence);
      assert.equal(refusal(key, 'true', false), undefined, key);
    }
  });

  it('takes any name without a namespace or in an unknown one', () => {
    for (const key of ['anything', 'mine:x', 'HW:unique_serial', 'hw2:x', 'resource:X', ':x', 'a b.c-d_e']) {
      assert.equal(refusal(key, 'whatever'), undefined, key);
    }
  });

  it('knows names with placeholders', () => {
    const named = {
      'hw:numa_mem.0': 'hw:numa_mem.{num}',
      'hw:numa_cpus.12': 'hw:numa_cpus.{num}',
      'aggregate_instance_extra_specs:any:thing': 'aggregate_instance_extra_specs:{key}',
      'capabilities:cpu_info:features:x': 'capabilities:cpu_info{filter}',
      'resources:VCPU': 'resources{group}:VCPU',
      'resources_a-1:CUSTOM_X1': 'resources{group}:CUSTOM_{resource}',
      'trait:HW_CPU_X86_VMX': 'trait{group}:{trait}',
      'trait1:CUSTOM_A': 'trait{group}:{trait}',
    };
    for (const [key, name] of Object.entries(named)) assert.equal(knownExtraSpec(key)?.name, name);
    for (const key of ['hw:numa_mem.x', 'hw:numa_memx0', 'hw:numa_mem.', 'resources:vcpu', 'trait:']) {
      assert.equal(knownExtraSpec(key), undefined, key);
    }
  });

  for (const [key, value, why] of [
    ['hw:boot_menu', 'maybe', /^Validation failed; 'maybe' is not a valid boolean-like value\./],
    ['hide_hypervisor_id', 'maybe', /^Validation failed; 'maybe' is not a valid boolean-like value\./],
    ['hw:numa_nodes', 'two', /^Validation failed; 'two' is not a valid integer value\.$/],
    ['hw:numa_nodes', '1.0', /^Validation failed; '1.0' is not a valid integer value\.$/],
    ['hw:numa_nodes', '00', /^Validation failed; '0' is less than the min value of '1'\.$/],
    ['hw:redirected_usb_ports', '+16', /^Validation failed; '16' is greater than the max value of '15'\.$/],
    ['hw:cpu_policy', 'Shared', /^Validation failed; 'Shared' is not one of: dedicated, shared, mixed\.$/],
    ['trait:CUSTOM_A', 'yes', /^Validation failed; 'yes' is not one of: required, forbidden\.$/],
    [
      'hw:mem_page_size',
      'huge',
      /is not of the format '\(large\|small\|any\|\\d\+\(\[kKMGT\]i\?\)\?\(b\|bit\|B\)\?\)'\.$/,
    ],
    ['hw:cpu_realtime_mask', '^0-', /is not of the format '\(\\\^\)\?\\d\+\(\(-\\d\+\)\?\(,/],
    ['pci_passthrough:alias', 'a', /is not of the format '/],
  ] as const) {
    it(`refuses ${key} = ${value}, but stores it before 2.86`, () => {
      assert.match(refusal(key, value) ?? 'accepted', why);
      assert.equal(refusal(key, value, false), undefined);
    });
  }

  it('takes what the formats allow', () => {
    for (const [key, ...values] of [
      ['hw:numa_nodes', '1', ' 2 ', '1_0'],
      ['quota:cpu_quota', '-1', '99999999999999999999'],
      ['hw:cpu_realtime_mask', '^0', '0-1', '^0-1,3,^4-5', '1-2-3'],
      ['hw:mem_page_size', 'large', '2048', '2MiB', '1GB', '4kbit'],
      ['hw:pmem', 'a', 'a,b', 'a,'],
      ['pci_passthrough:alias', 'a1:2', 'a:1, b:2', 'a:1 ,b c:2'],
      ['accel:device_profile', ''],
    ]) {
      for (const value of values) assert.equal(refusal(`${key}`, value), undefined, `${key} ${value}`);
    }
  });

  it('decides about texts that would hold up an expression that goes back over them', () => {
    assert.ok(refusal('hw:cpu_dedicated_mask', `1${',1-1'.repeat(60)}x`));
    assert.ok(refusal('hw:pmem', `${'a'.repeat(250)}!`));
    assert.ok(refusal('pci_passthrough:alias', `a:1${',  b:1'.repeat(40)}x`));
  });
});

describe('validateExtraSpec, always', () => {
  for (const strictNames of [true, false]) {
    it(`bounds names and values, strict names ${strictNames ? 'on' : 'off'}`, () => {
      for (const key of ['', 'a/b', 'a\n', 'ä', 'a'.repeat(256)]) {
        assert.match(refusal(key, 'x', strictNames) ?? 'accepted', /is not the name of an extra spec/, key);
      }
      assert.equal(refusal('a'.repeat(255), 'x'.repeat(255), strictNames), undefined);
      assert.match(refusal('a', 'x'.repeat(256), strictNames) ?? 'accepted', /longer than 255 characters/);
      assert.equal(refusal('a', '🙂'.repeat(255), strictNames), undefined);
    });
  }

  it('decides about any text', () => {
    const key = fc.oneof(fc.constantFrom(...knownExtraSpecs.map(({ name }) => name)), fc.string());
    fc.assert(
      fc.property(key, fc.string({ unit: 'binary' }), fc.boolean(), (key, value, strictNames) => {
        refusal(key, value, strictNames);
      }),
    );
  });
});

describe('the table of extra specs', () => {
  it('names each once', () => {
    const names = knownExtraSpecs.map(({ name }) => name);
    assert.deepEqual(names, [...new Set(names)]);
  });

  it('has the namespaces that Nova checks', () => {
    const namespaces = knownExtraSpecs.flatMap(({ name }) =>
      name.includes(':') ? [name.split(':')[0]] : [],
    );
    assert.deepEqual([...new Set(namespaces)].sort(), [
      'accel',
      'aggregate_instance_extra_specs',
      'capabilities',
      'hw',
      'hw_rng',
      'hw_video',
      'os',
      'pci_passthrough',
      'quota',
      'resources{group}',
      'trait{group}',
      'vmware',
    ]);
  });

  it('checks at every microversion what decides a serial, and only that', () => {
    const always = knownExtraSpecs.filter(({ alwaysChecked }) => alwaysChecked).map(({ name }) => name);
    assert.deepEqual(always, ['hw:unique_serial']);
  });
});
