import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../model/failure.ts';
import type { ServerId } from '../../model/ids.ts';
import type { GuestPort } from '../../model/network/guest-port.ts';
import type { PortId } from '../../model/network/network-ids.ts';
import type { NetworkBackend } from '../backend.ts';

/** What is kept of a port. */
interface Plugged {
  readonly server: ServerId;
  readonly port: GuestPort;
}

const SUFFIX = '.json';

/**
 * The networks of a simulated host: every network is there, and all that a port has is remembered, one file a
 * port, so that it outlives the process as what a real host holds does.
 * @param options.folder is made when missing
 * @param options.physicalNetworks what flat networks can be on here; by default none
 */
export async function createSimulatedNetworks(options: {
  readonly folder: string;
  readonly physicalNetworks?: readonly string[];
}): Promise<NetworkBackend> {
  const { folder, physicalNetworks = [] } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const pathOf = (port: PortId) => join(folder, `${port}${SUFFIX}`);
  const texts = new Map<PortId, { readonly server: ServerId; readonly text: string }>();
  for (const name of await readdir(folder)) {
    if (!name.endsWith(SUFFIX)) {
      await rm(join(folder, name), { force: true }); // a write that was interrupted
      continue;
    }
    const text = await readFile(join(folder, name), 'utf8');
    const { server, port } = JSON.parse(text) as Plugged;
    texts.set(port.id, { server, text });
  }
  return {
    abilities: async () => ({ nat: true, physicalNetworks, filters: true, isolates: true }),
    async plug(server, port) {
      const { kind, physicalNetwork } = port.network;
      if (kind === 'flat' && !physicalNetworks.includes(physicalNetwork ?? ''))
        throw new Failure('invalid', `The compute host has no physical network ${physicalNetwork}.`);
      const text = JSON.stringify({ server, port } satisfies Plugged);
      if (texts.get(port.id)?.text !== text) {
        const scratch = join(folder, `${port.id}.new`);
        await writeFile(scratch, text, { mode: 0o600 });
        await rename(scratch, pathOf(port.id));
        texts.set(port.id, { server, text });
      }
      const filter = port.rules === null ? null : `nameplate-${port.id}`;
      return { port, source: { type: 'simulated' }, filter };
    },
    async unplug(port) {
      await rm(pathOf(port), { force: true });
      texts.delete(port);
    },
    ports: async () => [...texts].map(([id, { server }]) => ({ id, server })),
    close: async () => undefined,
  };
}
