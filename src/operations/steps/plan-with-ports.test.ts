import assert from 'node:assert/strict';
import { test } from 'node:test';
import { samplePort } from '../../../test/lab/sample-port.ts';
import { sampleServer } from '../../../test/laws/sample-server.ts';
import { planOf } from '../../model/guest.ts';
import type { GuestPort } from '../../model/network/guest-port.ts';
import { planForDisks, planWithPorts } from './plan-with-ports.ts';

async function planned(onlyPorts: boolean, ports: readonly GuestPort[]) {
  const server = { ...sampleServer(), number: 1, onlyPorts };
  const plan = await planWithPorts({ server, ports: async () => ports }, planOf(server));
  return { ports: plan.ports, configuredInterface: plan.configuredInterface };
}

test('a server has its ports and nothing else, one of release 0.1 also the interface of the configuration', async () => {
  const ports = [samplePort()];
  assert.deepEqual(await planned(true, []), { ports: [], configuredInterface: undefined });
  assert.deepEqual(await planned(true, ports), { ports, configuredInterface: undefined });
  assert.deepEqual(await planned(false, []), { ports: undefined, configuredInterface: undefined });
  assert.deepEqual(await planned(false, ports), { ports, configuredInterface: true });
});

test('the plan of disks has the ports without their rules, that of a definition with them', async () => {
  const server = { ...sampleServer(), number: 1, onlyPorts: true };
  const asked: unknown[] = [];
  const ports = async (resolved: unknown) => {
    asked.push(resolved);
    return [samplePort()];
  };
  await planForDisks({ server, ports }, planOf(server));
  await planWithPorts({ server, ports }, planOf(server));
  assert.deepEqual(asked, [{ rules: false }, { rules: true }]);
});
