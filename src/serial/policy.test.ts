import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { demandsOwnSerial, serialPolicyOf } from './policy.ts';

function policy(extraSpecs: Record<string, string>, properties: Record<string, string>) {
  return serialPolicyOf({ flavor: { extraSpecs }, image: { properties } });
}

describe("a server's serial policy", () => {
  it('are read from its own snapshots, flavor and image apart', () => {
    const rows = [
      [{}, {}, undefined, undefined],
      [{ 'hw:unique_serial': 'true' }, {}, true, undefined],
      [{}, { hw_unique_serial: 'false' }, undefined, false],
      [{ 'hw:unique_serial': ' Off ' }, { hw_unique_serial: 'YES' }, false, true],
      [{ hw_unique_serial: 'true' }, { 'hw:unique_serial': 'true' }, undefined, undefined],
      [{ 'hw:unique_serial:': 'true', 'HW:unique_serial': 'true' }, {}, undefined, undefined],
    ] as const;
    for (const [extraSpecs, properties, flavor, image] of rows)
      assert.deepEqual(
        policy(extraSpecs, properties),
        { flavor, image },
        JSON.stringify([extraSpecs, properties]),
      );
  });

  it('count a word that is no boolean as unset', () => {
    assert.deepEqual(policy({ 'hw:unique_serial': 'unique' }, { hw_unique_serial: '' }), {
      flavor: undefined,
      image: undefined,
    });
  });

  it('demand an own serial where either is true', () => {
    for (const flavor of [undefined, false, true])
      for (const image of [undefined, false, true])
        assert.equal(demandsOwnSerial({ flavor, image }), [flavor, image].includes(true));
  });
});
