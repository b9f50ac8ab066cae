import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mutatedMessage } from '../../../test/lab/mutated-message.ts';
import {
  SAMPLE_COMMANDS,
  SAMPLE_EVENTS,
  SAMPLE_HOST_NAME,
  SAMPLE_REPLIES,
} from '../../../test/lab/sample-messages.ts';
import { sampleHost } from '../../../test/laws/sample-host.ts';
import type { Command, Verb } from '../command.ts';
import { Failure, type FailureKind } from '../failure.ts';
import type { HostName } from '../ids.ts';
import { PROTOCOL } from '../protocol.ts';
import { parseCommand as parseCommandFrom } from './parse-command.ts';
import { parseEvent as parseEventFrom } from './parse-event.ts';
import { parseReply } from './parse-reply.ts';
import { readableReport } from './stored-host.ts';

const RUNS = { numRuns: 150 };
const parseCommand = (said: unknown) => parseCommandFrom(said, PROTOCOL);
const parseEvent = (said: unknown, host: HostName) => parseEventFrom(said, { host, protocol: PROTOCOL });
const commands = Object.values(SAMPLE_COMMANDS) as Command[];

function kindOf(parse: () => unknown): FailureKind | 'parsed' {
  try {
    parse();
    return 'parsed';
  } catch (error) {
    assert.ok(error instanceof Failure, `it is thrown as ${String(error)}`);
    assert.ok(error.operatorText.length < 600, 'its text is bounded');
    return error.kind;
  }
}

describe('a command that reaches an agent', () => {
  for (const command of commands) {
    it(`${command.verb} is parsed as it was sent`, () => {
      assert.deepEqual(parseCommand(JSON.parse(JSON.stringify(command))), command);
    });

    it(`${command.verb} with a field that the agent does not know is not implemented`, () => {
      assert.equal(
        kindOf(() => parseCommand({ ...command, hash: 'x' })),
        'not-implemented',
      );
    });
  }

  it('of a verb that the agent does not know is not implemented', () => {
    for (const verb of ['snapshot', '__proto__', 'constructor', 'toString', 7, undefined])
      assert.equal(
        kindOf(() => parseCommand({ verb, server: 'x' })),
        'not-implemented',
      );
    for (const nothing of [null, undefined, 'start', []])
      assert.equal(
        kindOf(() => parseCommand(nothing)),
        'not-implemented',
      );
  });

  it('of a verb, a field or a protocol that the agent does not know is refused with both versions', () => {
    const newer = PROTOCOL + 1;
    const both = `the agent speaks protocol ${PROTOCOL}, the control plane protocol`;
    const start = SAMPLE_COMMANDS.start;
    for (const [said, control, what] of [
      [{ verb: 'snapshot', server: start.server }, newer, 'command snapshot'],
      [{ ...start, hash: 'x' }, newer, 'field /hash of the command start'],
      [start, newer + 1, 'protocol of the control plane'],
      [start, PROTOCOL - 2, 'protocol of the control plane'],
    ] as const)
      assert.throws(() => parseCommandFrom(said, control), {
        kind: 'not-implemented',
        message: `The compute host does not support this: ${both} ${control}.`,
        operatorText: `The agent does not know the ${what}: ${both} ${control}`,
      });
    for (const neighbour of [PROTOCOL - 1, newer])
      assert.deepEqual(parseCommandFrom(start, neighbour), start);
  });

  it('with a field inside its plan that the agent does not know is not implemented', () => {
    const { plan, ...rest } = SAMPLE_COMMANDS.define;
    const newer = { ...rest, plan: { ...plan, image: { ...plan.image, hash: 'x' } } };
    assert.equal(
      kindOf(() => parseCommand(newer)),
      'not-implemented',
    );
  });

  it('never names a file outside of its server', () => {
    const { 'delete-disks': remove, 'mark-disks': mark } = SAMPLE_COMMANDS;
    for (const name of ['../other', '/etc', '.', '..', 'a/b', 'a\u0000b', ''])
      for (const command of [
        { ...remove, set: name },
        { ...mark, mark: name },
        { ...remove, server: name },
      ])
        assert.equal(
          kindOf(() => parseCommand(command)),
          'invalid',
        );
  });

  it('that is mutated anywhere is parsed to one of its verb, or refused with a Failure', () => {
    for (const command of commands)
      fc.assert(
        fc.property(mutatedMessage(command), (mutated) => {
          const kind = kindOf(() => assert.equal(parseCommand(mutated).verb, command.verb));
          assert.ok(['parsed', 'invalid', 'not-implemented'].includes(kind), kind);
        }),
        RUNS,
      );
  });
});

describe('a reply to a command', () => {
  const asked = (verb: Verb) => SAMPLE_COMMANDS[verb] as Command;

  it('is parsed as it was sent; where none is expected, nothing of it is kept', () => {
    for (const { verb } of commands)
      assert.deepEqual(parseReply(SAMPLE_HOST_NAME, asked(verb), SAMPLE_REPLIES[verb]), SAMPLE_REPLIES[verb]);
    assert.equal(parseReply(SAMPLE_HOST_NAME, asked('start'), { surprise: true }), undefined);
  });

  it('that is mutated anywhere is internal, or is what the verb replies', () => {
    for (const verb of Object.keys(SAMPLE_REPLIES) as Verb[])
      fc.assert(
        fc.property(mutatedMessage({ reply: SAMPLE_REPLIES[verb] }), (mutated) => {
          const { reply } = (mutated ?? {}) as { reply?: unknown };
          const kind = kindOf(() => parseReply(SAMPLE_HOST_NAME, asked(verb), reply));
          assert.ok(['parsed', 'internal'].includes(kind), kind);
        }),
        RUNS,
      );
  });

  it('about another host or another server than was asked is internal', () => {
    const { define, observe } = SAMPLE_REPLIES as { define: object; observe: object };
    const other = '8f2c5a10-6f0b-4f0e-9d55-3b1f2a9f7c99';
    for (const [verb, reply] of [
      ['define', { ...define, host: 'hegel' }],
      ['define', { ...define, source: 'server' }],
      ['define', { ...define, serial: SAMPLE_COMMANDS.define.plan.serverId }],
      ['define', { ...define, serial: null }],
      ['observe', { ...observe, serverId: other }],
    ] as const)
      assert.equal(
        kindOf(() => parseReply(SAMPLE_HOST_NAME, asked(verb), reply)),
        'internal',
      );
  });

  it('cannot put anything but an address into the URI of a migration', () => {
    for (const address of ['x/system?no_verify=1', 'x?command=/bin/sh', 'a b', '-oProxyCommand=x', 'x@y', ''])
      assert.equal(
        kindOf(() => parseReply(SAMPLE_HOST_NAME, asked('prepare-live'), address)),
        'internal',
      );
    for (const address of ['192.0.2.1', 'compute-1.example.org', '2001:db8::1', '[2001:db8::1]'])
      assert.equal(parseReply(SAMPLE_HOST_NAME, asked('prepare-live'), address), address);
  });
});

describe('an event that a host publishes', () => {
  it('is parsed as it was sent, without fields that the control plane does not know', () => {
    for (const event of SAMPLE_EVENTS) {
      assert.deepEqual(parseEvent(JSON.parse(JSON.stringify(event)), SAMPLE_HOST_NAME), event);
      assert.deepEqual(parseEvent({ ...event, newer: true }, SAMPLE_HOST_NAME), event);
    }
  });

  it('of a type that the control plane does not know is refused with both versions', () => {
    const said = { type: 'ports', host: SAMPLE_HOST_NAME };
    assert.throws(() => parseEventFrom(said, { host: SAMPLE_HOST_NAME, protocol: 3 }), {
      kind: 'not-implemented',
      operatorText: `The control plane does not know the event ports: the agent speaks protocol 3, the control plane protocol ${PROTOCOL}`,
    });
  });

  it('about another host is forbidden', () => {
    for (const event of SAMPLE_EVENTS)
      assert.equal(
        kindOf(() => parseEvent(event, 'hegel' as HostName)),
        'forbidden',
      );
  });

  const [host] = SAMPLE_EVENTS as unknown as [{ type: 'host'; report: object }];
  const { capacity: _, ...withoutCapacity } = host.report as Record<string, unknown>;
  const MALFORMED: Readonly<Record<string, object>> = {
    'no capacity': withoutCapacity,
    'a capacity without vcpus': { ...host.report, capacity: { memoryMb: 1, diskGb: 1 } },
    'a capacity that is not a number': { ...host.report, capacity: { vcpus: '4', memoryMb: 1, diskGb: 1 } },
    'a machine-id without text': { ...host.report, machineId: { state: 'read', file: '/etc/machine-id' } },
    'a machine-id in an unknown state': { ...host.report, machineId: { state: 'odd', file: 'x' } },
    'a zone that is null': { ...host.report, zone: null },
    'a zone with a line break': { ...host.report, zone: 'a\nb' },
    'a huge lastSeenAt': { ...host.report, lastSeenAt: 1e300 },
    'a lastSeenAt beyond what Date holds': { ...host.report, lastSeenAt: 8.64e15 + 1 },
    'features that are no list': { ...host.report, features: 'unique-serial' },
    'more features than there can be': { ...host.report, features: Array(101).fill('x') },
    'a serial option that there is not': { ...host.report, serialOption: 'random' },
    'machine types that are no list': { ...host.report, platforms: { machineTypes: 'pc', firmware: [] } },
    'a firmware that there is not': {
      ...host.report,
      platforms: { machineTypes: [], firmware: ['coreboot'] },
    },
    'cpuInfo that is nested deeply': { ...host.report, cpuInfo: { a: { b: { c: {} } } } },
    'an uptime without load': { ...host.report, uptime: { bootedAt: 1 } },
    'a text whose one grapheme is 70,000 characters': { ...host.report, arch: `e${'\u0301'.repeat(70_000)}` },
  };
  for (const [what, report] of Object.entries(MALFORMED))
    it(`with ${what} is invalid`, () => {
      assert.equal(
        kindOf(() => parseEvent({ type: 'host', report }, SAMPLE_HOST_NAME)),
        'invalid',
      );
    });

  it('that is mutated anywhere is refused, or is a well-formed event of the same host', () => {
    for (const event of SAMPLE_EVENTS)
      fc.assert(
        fc.property(mutatedMessage(event), (mutated) => {
          const kind = kindOf(() => {
            const parsed = parseEvent(mutated, SAMPLE_HOST_NAME);
            assert.equal(parsed.type, event.type);
            assert.ok(JSON.stringify(parsed).length < 300_000);
          });
          assert.ok(['parsed', 'invalid', 'forbidden', 'not-implemented'].includes(kind), kind);
        }),
        RUNS,
      );
  });
});

describe('a report that was stored by an older release', () => {
  it('is read as it is when it is well-formed', () => {
    const report = sampleHost('kant');
    assert.equal(readableReport(report), report);
  });

  it('that is mutated anywhere is read with values that harm nobody', () => {
    const [event] = SAMPLE_EVENTS as unknown as [{ report: object }];
    fc.assert(
      fc.property(mutatedMessage(event.report), (mutated) => {
        if (typeof mutated !== 'object' || mutated === null) return;
        const report = readableReport(mutated as ReturnType<typeof sampleHost>);
        assert.equal(readableReport(report), report, 'it is well-formed now');
      }),
      { numRuns: 500 },
    );
  });
});
