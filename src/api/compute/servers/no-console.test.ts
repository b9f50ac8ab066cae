import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPresentDevices } from '../../../model/machine-identity.ts';
import { noConsole } from './no-console.ts';

const OF_0_1 = { smbios: null, machineType: 'pc', diskSerials: {}, addresses: {}, controllers: [] };

test('the screen of a server that release 0.1 made is refused with a sentence until it is rebuilt', () => {
  const says = (machine: Parameters<typeof noConsole>[0]['machine'], type: string) =>
    noConsole({ machine }, type).message;
  assert.match(says(OF_0_1, 'novnc'), /made by release 0\.1 and has no screen until it is rebuilt/);
  assert.equal(says(OF_0_1, 'serial'), 'Unavailable console type serial.');
  assert.equal(says(withPresentDevices(OF_0_1), 'novnc'), 'Unavailable console type novnc.');
  assert.equal(says(null, 'novnc'), 'Unavailable console type novnc.');
});
