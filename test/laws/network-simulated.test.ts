import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSimulatedNetworks } from '../../src/network/simulated/backend.ts';
import { networkLaws } from './network.ts';
import type { NetworkLab } from './network-lab.ts';

networkLaws('the simulated networks', openLab);

async function openLab(): Promise<NetworkLab> {
  const folder = await mkdtemp(join(tmpdir(), 'np-simulated-networks-'));
  const physicalNetwork = 'physnet';
  const open = () => createSimulatedNetworks({ folder, physicalNetworks: [physicalNetwork] });
  let backend = await open();
  return {
    backend: () => backend,
    physicalNetwork,
    async reopen() {
      await backend.close();
      backend = await open();
    },
    leftovers: () => readdir(folder),
    async close() {
      await backend.close();
      await rm(folder, { recursive: true });
    },
  };
}
