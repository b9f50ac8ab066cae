import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutBases } from './migrated-definition.ts';

const disk = (name: string, chain: string) =>
  `<disk type='file'>\n  <source file='/instances/${name}'/>\n  ${chain}\n  <target dev='vda'/>\n</disk>`;
const over = (base: string) => `<backingStore type='file' index='2'>
    <format type='raw'/>
    <source file='${base}'>
      <seclabel model='dac' relabel='no'/>
    </source>
    <backingStore/>
  </backingStore>`;

test('the definition of copied disks names no base, and is otherwise the same', () => {
  const [alone, none] = ['<backingStore/>', ''];
  const chains = [over('/images/a'), alone, over('/images/b'), none];
  const xml = (made: readonly string[]) =>
    made.map((chain, index) => disk(`disk-${index}`, chain)).join('\n');
  assert.equal(withoutBases(xml(chains)), xml([alone, alone, alone, none]));
});

test('a chain that is none of ours stays as it is', () => {
  const nested = over('/images/a').replace('<backingStore/>', over('/images/b'));
  assert.equal(withoutBases(disk('x', nested)).includes('/images/a'), true);
});
