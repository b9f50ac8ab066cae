import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Verb } from '../command.ts';
import type { Feature } from '../feature.ts';
import { FEATURES } from '../feature.ts';
import type { HostName } from '../ids.ts';
import { FIRST_PROTOCOL, PROTOCOL } from '../protocol.ts';
import { inabilityOf, isSpecial } from './agent-ability.ts';
import { VERBS } from './verbs.ts';

const name = 'kant' as HostName;
const OLD = { name, version: '0.1.0', features: ['unique-serial', 'move-disks', 'live-migration'] };
const verbs = Object.keys(VERBS) as Verb[];

describe('what an agent is known to be unable to do', () => {
  it('is nothing of the first protocol, for an agent that registers without a version and with all features', () => {
    const first = verbs.filter((verb) => (VERBS[verb].since ?? FIRST_PROTOCOL) === FIRST_PROTOCOL);
    assert.equal(inabilityOf(OLD, first), undefined);
    assert.equal(inabilityOf({ ...OLD, protocol: PROTOCOL + 1 }, verbs), undefined);
  });

  it('is a command that came with a later protocol, with both versions', () => {
    const table = { ...VERBS, start: { ...VERBS.start, since: FIRST_PROTOCOL + 1 } };
    assert.equal(
      inabilityOf(OLD, ['define', 'start'], table),
      `The agent of host kant (release 0.1.0) does not know the command start of protocol 2: the agent speaks protocol 1, the control plane protocol ${PROTOCOL}.`,
    );
    assert.equal(inabilityOf({ ...OLD, protocol: 2 }, ['define', 'start'], table), undefined);
  });

  it('is everything, for a release that is no neighbour', () => {
    assert.match(
      inabilityOf({ ...OLD, protocol: PROTOCOL + 2 }, []) ?? '',
      new RegExp(`the agent speaks protocol ${PROTOCOL + 2}, the control plane protocol ${PROTOCOL}`),
    );
  });

  it('is each command of a feature that its driver does not report, and every feature but the serial has one', () => {
    const read = new Set<Feature>(['unique-serial']); // src/serial/own-serial.ts
    for (const verb of verbs) {
      const { feature } = VERBS[verb];
      if (feature !== undefined) read.add(feature);
      const inability = inabilityOf({ ...OLD, features: [] }, [verb]);
      assert.equal(inability !== undefined, isSpecial(verb), verb);
      if (feature !== undefined) assert.ok(inability?.includes(feature), verb);
    }
    assert.deepEqual([...read].sort(), Object.keys(FEATURES).sort());
  });
});
