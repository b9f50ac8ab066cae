import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { MachineIdReading } from '../model/host.ts';
import type { HostName, ServerId } from '../model/ids.ts';
import type { SerialDecision, SerialInput, SerialRefusal } from '../model/serial.ts';
import { decideSerial, explainSerial } from './decision.ts';
import type { HostIdentity } from './host-identity.ts';
import { SERIAL_OPTIONS, type SerialOption, type SerialPolicy } from './policy.ts';

const SERVER = '5e51a1b2-0000-4000-8000-000000000001' as ServerId;
const HOST = 'kant' as HostName;
const FILE = '/etc/machine-id';
const MACHINE = '0123abcd-4567-89ef-0123-456789abcdef';
const HARDWARE = '4c4c4544-0042-3010-8051-b4c04f564432';

/**
 * Column by column: what the guest's serial is taken from, for each word of the host. DESIGN.md, the table
 * under "The serial".
 */
const TABLE: readonly Row[] = [
  // flavor image    none      os        hardware    auto      unique
  ['unset', 'unset', 'none', 'os', 'hardware', 'auto', 'server'],
  ['unset', 'false', 'none', 'os', 'hardware', 'auto', 'auto'],
  ['false', 'unset', 'none', 'os', 'hardware', 'auto', 'auto'],
  ['false', 'false', 'none', 'os', 'hardware', 'auto', 'auto'],
  ['unset', 'true', 'server', 'server', 'server', 'server', 'server'],
  ['true', 'unset', 'server', 'server', 'server', 'server', 'server'],
  ['true', 'true', 'server', 'server', 'server', 'server', 'server'],
  ['true', 'false', 'server', 'server', 'server', 'server', 'server'],
  ['false', 'true', 'server', 'server', 'server', 'server', 'server'],
];
type Word = 'unset' | 'true' | 'false';
type From = 'none' | 'os' | 'hardware' | 'auto' | 'server';
type Row = readonly [
  flavor: Word,
  image: Word,
  none: From,
  os: From,
  hardware: From,
  auto: From,
  unique: From,
];
const COLUMNS: readonly SerialOption[] = ['none', 'os', 'hardware', 'auto', 'unique'];

/**
 * Who asked for the serial that was decided, and who asked for another: where the host says `unique`, and
 * where it says another word.
 */
const REASONS: readonly (readonly [Word, Word, unique: string, other: string])[] = [
  ['unset', 'unset', 'host', 'host'],
  ['unset', 'false', 'image, not host', 'host'],
  ['false', 'unset', 'flavor, not host', 'host'],
  ['false', 'false', 'flavor image, not host', 'host'],
  ['unset', 'true', 'image host', 'image, not host'],
  ['true', 'unset', 'flavor host', 'flavor, not host'],
  ['true', 'true', 'flavor image host', 'flavor image, not host'],
  ['true', 'false', 'flavor host, not image', 'flavor, not image host'],
  ['false', 'true', 'image host, not flavor', 'image, not flavor host'],
];

/**
 * What a machine-id file may hold; `gives` is the serial made from it, `complains` what must be said of it
 * instead.
 */
const MACHINE_IDS: readonly MachineIdCase[] = [
  { name: 'absent', reading: { state: 'absent', file: FILE }, complains: /does not exist/ },
  { name: 'dashed', reading: holding(MACHINE), gives: MACHINE },
  { name: 'undashed', reading: holding('0123abcd456789ef0123456789abcdef\n'), gives: MACHINE },
  { name: 'upper case', reading: holding('0123ABCD456789EF0123456789ABCDEF\n'), gives: MACHINE },
  { name: 'upper case, dashed', reading: holding(`${MACHINE.toUpperCase()}\n`), gives: MACHINE },
  { name: 'with words after it', reading: holding(`  ${MACHINE}\nanother line\n`), gives: MACHINE },
  { name: 'empty', reading: holding(''), complains: /is empty/ },
  { name: 'whitespace', reading: holding(' \n\t\n'), complains: /is empty/ },
  { name: 'uninitialized', reading: holding('uninitialized\n'), complains: /holds 'uninitialized'/ },
  { name: 'too short', reading: holding('0123abcd456789ef0123456789abcde\n'), complains: /0123abcd4567/ },
  { name: 'too long', reading: holding('0123abcd456789ef0123456789abcdef0\n'), complains: /holds/ },
  { name: 'one digit', reading: holding(`${'0'.repeat(32)}\n`), complains: /one digit throughout/ },
  { name: 'one letter', reading: holding('F'.repeat(32)), complains: /one digit throughout/ },
  {
    name: 'one digit, dashed',
    reading: holding('77777777-7777-7777-7777-777777777777'),
    complains: /one digit throughout/,
  },
  {
    name: 'two digits',
    reading: holding(`${'0'.repeat(31)}1`),
    gives: '00000000-0000-0000-0000-000000000001',
  },
  { name: 'not hexadecimal', reading: holding('0123abcd456789ef0123456789abcdeg'), complains: /holds/ },
  { name: 'misplaced dashes', reading: holding('0123-abcd456789ef-0123456789abcdef'), complains: /holds/ },
  {
    name: 'unreadable',
    reading: { state: 'unreadable', file: FILE, why: 'EACCES: permission denied' },
    complains: /cannot be read: EACCES/,
  },
];
interface MachineIdCase {
  readonly name: string;
  readonly reading: MachineIdReading;
  readonly gives?: string;
  readonly complains?: RegExp;
}
const HARDWARE_CASES = [HARDWARE, null] as const;

function holding(text: string): MachineIdReading {
  return { state: 'read', file: FILE, text };
}

function policyValue(word: Word): boolean | undefined {
  return word === 'unset' ? undefined : word === 'true';
}

function decide(policy: SerialPolicy, identity: Partial<HostIdentity>): SerialDecision | SerialRefusal {
  const machineId: MachineIdReading = { state: 'absent', file: FILE };
  return decideSerial(
    { serverId: SERVER, policy },
    { host: HOST, option: 'auto', machineId, hardwareUuid: null, ...identity },
  );
}

/** The serial that a column of the table leads to on a host: what it is, or what is complained of. */
function expected(from: From, machineId: MachineIdCase, hardware: string | null) {
  const fromFile = () => ({ source: 'os', serial: machineId.gives, complains: machineId.complains });
  const fromHardware = () => ({
    source: hardware === null ? 'none' : 'hardware',
    serial: hardware,
    complains: undefined,
  });
  switch (from) {
    case 'server':
      return { source: 'server', serial: SERVER, complains: undefined };
    case 'none':
      return { source: 'none', serial: null, complains: undefined };
    case 'os':
      return fromFile();
    case 'hardware':
      return fromHardware();
    case 'auto':
      return machineId.name === 'absent' ? fromHardware() : fromFile();
  }
}

function inWords(decision: SerialDecision): string {
  const names = (inputs: readonly SerialInput[]) => inputs.map(({ input }) => input).join(' ');
  return names(decision.because) + (decision.overruled.length ? `, not ${names(decision.overruled)}` : '');
}

describe('the table of the serial', () => {
  for (const [flavor, image, ...cells] of TABLE) {
    for (const [index, from] of cells.entries()) {
      const option = COLUMNS[index]!;
      it(`flavor ${flavor}, image ${image}, host ${option}: ${from}`, () => {
        for (const machineId of MACHINE_IDS) {
          for (const hardwareUuid of HARDWARE_CASES) {
            const label = `machine-id ${machineId.name}, hardware uuid ${hardwareUuid}`;
            const policy = { flavor: policyValue(flavor), image: policyValue(image) };
            const decision = decide(policy, { option, machineId: machineId.reading, hardwareUuid });
            const { source, serial, complains } = expected(from, machineId, hardwareUuid);
            assert.equal(decision.host, HOST, label);
            if (complains !== undefined) {
              assert.ok(!decision.decided, label);
              assert.match(decision.why, complains, label);
              assert.ok(decision.why.includes(FILE), `${label}: the file is named`);
            } else {
              assert.ok(decision.decided, label);
              assert.deepEqual(
                { source: decision.source, serial: decision.serial },
                { source, serial },
                label,
              );
            }
          }
        }
      });
    }
  }

  it('has a row for each policy and a column for each host option', () => {
    const pairs = new Set(TABLE.map(([flavor, image]) => `${flavor} ${image}`));
    assert.equal(pairs.size, 9);
    assert.deepEqual(COLUMNS, SERIAL_OPTIONS);
  });
});

describe("the serial's reasons", () => {
  for (const [flavor, image, unique, other] of REASONS) {
    it(`flavor ${flavor}, image ${image}: ${other}; where the host says unique: ${unique}`, () => {
      for (const option of SERIAL_OPTIONS) {
        const policy = { flavor: policyValue(flavor), image: policyValue(image) };
        const decision = decide(policy, { option, machineId: holding(MACHINE), hardwareUuid: HARDWARE });
        assert.ok(decision.decided);
        assert.equal(inWords(decision), option === 'unique' ? unique : other, option);
      }
    });
  }

  it('carry the values that the inputs had', () => {
    const decision = decide({ flavor: true, image: false }, { option: 'hardware' });
    assert.ok(decision.decided);
    assert.deepEqual(decision.because, [{ input: 'flavor', value: 'true' }]);
    assert.deepEqual(decision.overruled, [
      { input: 'image', value: 'false' },
      { input: 'host', value: 'hardware' },
    ]);
  });
});

const anyPolicyValue = fc.constantFrom(undefined, true, false);
const anyIdentity = fc.record({
  option: fc.constantFrom(...SERIAL_OPTIONS),
  machineId: fc.oneof(
    fc.constantFrom(...MACHINE_IDS.map(({ reading }) => reading)),
    fc.string().map(holding),
    fc.uuid().map(holding),
  ),
  hardwareUuid: fc.option(fc.uuid()),
});

describe('every decision', () => {
  it('has a reason, and no input both asked for it and lost', () => {
    fc.assert(
      fc.property(anyPolicyValue, anyPolicyValue, anyIdentity, (flavor, image, identity) => {
        const decision = decide({ flavor, image }, identity);
        if (!decision.decided) return;
        assert.notEqual(decision.because.length, 0);
        const inputs = [...decision.because, ...decision.overruled].map(({ input }) => input);
        assert.equal(new Set(inputs).size, inputs.length);
      }),
    );
  });

  it('gives a UUID in lower case or nothing', () => {
    fc.assert(
      fc.property(anyPolicyValue, anyPolicyValue, anyIdentity, (flavor, image, identity) => {
        const decision = decide({ flavor, image }, identity);
        if (!decision.decided || decision.serial === null) return;
        assert.match(decision.serial, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      }),
    );
  });

  it('is the same whenever the same is asked', () => {
    fc.assert(
      fc.property(anyPolicyValue, anyPolicyValue, anyIdentity, (flavor, image, identity) => {
        assert.deepEqual(decide({ flavor, image }, identity), decide({ flavor, image }, identity));
      }),
    );
  });

  it('names all its inputs when it is explained', () => {
    fc.assert(
      fc.property(anyPolicyValue, anyPolicyValue, anyIdentity, (flavor, image, identity) => {
        const decision = decide({ flavor, image }, identity);
        if (!decision.decided) return;
        const sentence = explainSerial(decision);
        for (const { input, value } of [...decision.because, ...decision.overruled]) {
          const key = {
            flavor: 'hw:unique_serial',
            image: 'hw_unique_serial',
            host: 'sysinfo_serial',
            architecture: '',
            import: '',
          }[input];
          assert.ok(sentence.includes(`the ${input} says ${key}=${value}`), sentence);
        }
        if (decision.source === 'os' || decision.source === 'hardware') assert.ok(sentence.includes(HOST));
      }),
    );
  });
});

describe('a serial that a server was imported with', () => {
  const anyGiven = fc.oneof(fc.constant(null), fc.string({ minLength: 1, maxLength: 64 }));

  it('comes before flavor, image and host, whose identity is not even read', () => {
    fc.assert(
      fc.property(anyPolicyValue, anyPolicyValue, anyGiven, (flavor, image, given) => {
        const broken = { option: 'os', machineId: { state: 'absent', file: FILE } } as const;
        const decision = decide({ flavor, image, given }, broken);
        assert.ok(decision.decided);
        assert.equal(decision.serial, given);
        assert.equal(decision.source, given === null ? 'none' : 'import');
        assert.deepEqual(
          decision.because.map(({ input }) => input),
          ['import'],
        );
        assert.ok(decision.overruled.some(({ input }) => input === 'host'));
        assert.match(explainSerial(decision), /because the import gave the server/);
      }),
    );
  });

  it('is refused by a host whose guests have no SMBIOS table, unless it is none', () => {
    const plain = { flavor: undefined, image: undefined };
    const arm = { withoutSmbios: 'aarch64' };
    assert.equal(decide({ ...plain, given: 'S' }, arm).decided, false);
    assert.equal(decide({ ...plain, given: null }, arm).decided, true);
  });
});

describe('one digit 32 times', () => {
  const anyDigit = fc.constantFrom(...'0123456789abcdefABCDEF');
  const anyForm = fc.constantFrom('', '-');

  it('is no serial, neither from the machine-id nor from the hardware', () => {
    fc.assert(
      fc.property(anyDigit, anyForm, fc.constantFrom('os', 'auto', 'hardware'), (digit, dash, option) => {
        const word = [8, 4, 4, 4, 12].map((length) => digit.repeat(length)).join(dash);
        const machineId = option === 'hardware' ? holding(MACHINE) : holding(`${word}\n`);
        const refused = decide(
          { flavor: undefined, image: undefined },
          { option, machineId, hardwareUuid: word },
        );
        assert.match(refused.decided ? 'decided' : refused.why, /one digit throughout/);
        assert.equal(decide({ flavor: true, image: undefined }, { option, machineId }).decided, true);
      }),
    );
  });
});

describe('a host whose guests have no SMBIOS table', () => {
  it('gives nobody a serial, and refuses who must have its own', () => {
    fc.assert(
      fc.property(anyPolicyValue, anyPolicyValue, anyIdentity, (flavor, image, identity) => {
        const decision = decide({ flavor, image }, { ...identity, withoutSmbios: 'aarch64' });
        assert.equal(decision.decided, flavor !== true && image !== true);
        if (!decision.decided) assert.match(decision.why, /aarch64/);
        else {
          assert.deepEqual([decision.serial, decision.source], [null, 'none']);
          assert.match(explainSerial(decision), /because guests of architecture aarch64 cannot be given one/);
        }
      }),
    );
  });
});

describe("the host's own source", () => {
  const unread: HostIdentity = {
    host: HOST,
    option: 'auto',
    get machineId(): never {
      throw new Error('the machine-id was looked at');
    },
    get hardwareUuid(): never {
      throw new Error('the hardware UUID was looked at');
    },
  };

  it('is not looked at when flavor or image is true, whatever the host says', () => {
    for (const option of SERIAL_OPTIONS) {
      for (const [flavor, image] of [
        [true, undefined],
        [undefined, true],
        [true, false],
        [false, true],
        [true, true],
      ] as const) {
        const identity = Object.defineProperty(Object.create(unread) as HostIdentity, 'option', {
          value: option,
        });
        Object.defineProperty(identity, 'host', { value: HOST });
        const decision = decideSerial({ serverId: SERVER, policy: { flavor, image } }, identity);
        assert.ok(decision.decided);
        assert.equal(decision.serial, SERVER);
      }
    }
  });
});

/** nova/tests/unit/virt/libvirt/test_driver.py TestGuestConfigSysinfoSerialOS. */
describe("Nova's own cases", () => {
  const unset = { flavor: undefined, image: undefined };
  const serialOf = (identity: Partial<HostIdentity>) => {
    const decision = decide(unset, identity);
    return decision.decided ? decision.serial : `refused: ${decision.why}`;
  };
  const present = holding(MACHINE);

  it('test_get_guest_config_sysinfo_serial_none', () => {
    assert.equal(serialOf({ option: 'none', machineId: present, hardwareUuid: HARDWARE }), null);
  });
  it('test_get_guest_config_sysinfo_serial_hardware', () => {
    assert.equal(serialOf({ option: 'hardware', machineId: present, hardwareUuid: HARDWARE }), HARDWARE);
  });
  it('test_get_guest_config_sysinfo_serial_os', () => {
    assert.equal(serialOf({ option: 'os', machineId: present, hardwareUuid: HARDWARE }), MACHINE);
  });
  it('test_get_guest_config_sysinfo_serial_os_empty_machine_id', () => {
    const refusal = serialOf({ option: 'os', machineId: holding(''), hardwareUuid: HARDWARE });
    assert.match(refusal ?? '', /^refused: \/etc\/machine-id is empty/);
  });
  it('test_get_guest_config_sysinfo_serial_os_no_machine_id_file', () => {
    assert.equal(
      serialOf({ option: 'os', hardwareUuid: HARDWARE }),
      'refused: /etc/machine-id does not exist',
    );
  });
  it('test_get_guest_config_sysinfo_serial_auto_hardware', () => {
    assert.equal(serialOf({ option: 'auto', hardwareUuid: HARDWARE }), HARDWARE);
  });
  it('test_get_guest_config_sysinfo_serial_auto_os', () => {
    assert.equal(serialOf({ option: 'auto', machineId: present, hardwareUuid: HARDWARE }), MACHINE);
  });
  it('test_get_guest_config_sysinfo_serial_unique', () => {
    assert.equal(serialOf({ option: 'unique', machineId: present, hardwareUuid: HARDWARE }), SERVER);
  });
});
