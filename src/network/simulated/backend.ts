import { Failure } from '../../model/failure.ts';
import type { NetworkBackend } from '../backend.ts';
import { PluggedPorts } from './plugged-ports.ts';

/**
 * The networks of a simulated host: every network is there, and all that a port has outlives the process,
 * as what a real host holds does.
 * @param options.folder is made when missing
 * @param options.physicalNetworks what flat networks can be on here; by default none
 */
export async function createSimulatedNetworks(options: {
  readonly folder: string;
  readonly physicalNetworks?: readonly string[];
}): Promise<NetworkBackend> {
  const { folder, physicalNetworks = [] } = options;
  const plugged = await PluggedPorts.open(folder);
  return {
    abilities: async () => ({ nat: true, physicalNetworks, filters: true, isolates: true }),
    async plug(server, port, operation) {
      const { kind, physicalNetwork } = port.network;
      if (kind === 'flat' && !physicalNetworks.includes(physicalNetwork ?? ''))
        throw new Failure('invalid', `The compute host has no physical network ${physicalNetwork}.`);
      plugged.set(server, port, operation);
      const filter = port.rules === null ? null : `nameplate-${port.id}`;
      return { port, source: { type: 'simulated' }, filter };
    },
    unplug: async (port) => plugged.remove(port),
    ports: async () => plugged.all(),
    close: async () => undefined,
  };
}
