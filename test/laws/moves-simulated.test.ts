import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { startAgent } from '../../src/agent/agent.ts';
import { createInProcessBus } from '../../src/bus/in-process.ts';
import { samplePlan } from '../../src/hypervisor/libvirt/sample-plan.ts';
import { createSimulatedDriver } from '../../src/hypervisor/simulated/driver.ts';
import { lastGuest, type SimulatedGuest } from '../../src/hypervisor/simulated/guest-file.ts';
import { simulatedHost } from '../../src/hypervisor/simulated/host.ts';
import { SimulatedNetwork } from '../../src/hypervisor/simulated/network.ts';
import type { Command, Verb } from '../../src/model/command.ts';
import { Failure } from '../../src/model/failure.ts';
import type { HostName, ImageId, ServerId } from '../../src/model/ids.ts';
import { createSimulatedNetworks } from '../../src/network/simulated/backend.ts';
import { movesLaws } from './moves.ts';
import type { MovesLab } from './moves-lab.ts';

movesLaws('the simulated driver', () => openLab(false));
movesLaws('the simulated driver, disks shared', () => openLab(true));

const never = new AbortController().signal;
const MACHINE_IDS = ['11111111111111111111111111111112', '22222222222222222222222222222223'];

async function openLab(sharesDisks: boolean): Promise<MovesLab> {
  const folder = await mkdtemp(join(tmpdir(), 'np-moves-'));
  const network = new SimulatedNetwork({ sharesDisks });
  const bus = createInProcessBus();
  let imagesLost = false;
  const hosts = ['kant', 'hegel'] as unknown as readonly [HostName, HostName];
  const ending: (() => Promise<unknown>)[] = [];
  for (const [index, host] of hosts.entries()) {
    const machineIdFile = join(folder, `machine-id-${host}`);
    await writeFile(machineIdFile, `${MACHINE_IDS[index]}\n`);
    const driver = await createSimulatedDriver({
      folder: join(folder, host),
      description: simulatedHost(host),
      network,
      images: {
        async open(id) {
          if (imagesLost) throw new Failure('not-found', `Image ${id} could not be found.`);
          return Readable.from(['data']);
        },
      },
    });
    const stop = await startAgent({
      network: await createSimulatedNetworks({ folder: join(folder, `${host}-ports`) }),
      ...{ bus, driver, host, machineIdFile, hostIp: '127.0.0.1', zone: 'nova', version: '0.1.0' },
      ...{ serialOption: 'os', diskPort: 0, reportIntervalMs: 600_000 },
      ids: { hypervisorId: randomUUID(), serviceId: randomUUID() },
      now: Date.now,
      log: () => {},
    });
    ending.push(stop);
  }
  const guest = async (host: HostName, server: ServerId): Promise<SimulatedGuest | undefined> => {
    const text = await readFile(join(folder, host, `${server}.json`), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : lastGuest(text);
  };
  return {
    hosts,
    hostSerials: ['11111111-1111-1111-1111-111111111112', '22222222-2222-2222-2222-222222222223'],
    sharesDisks,
    image: { ...samplePlan().image, id: randomUUID() as ImageId },
    contents: {},
    ramMb: 64,
    ask<V extends Verb>(host: HostName, command: Command & { verb: V }, signal = never) {
      return bus.request<V>(host, command, signal);
    },
    setImagesLost: (lost) => {
      imagesLost = lost;
    },
    setSlow: (slow) => {
      network.stalls = slow;
    },
    definedSerial: async (host, server) => (await guest(host, server))?.definition?.serial,
    runningSerial: async (host, server) => (await guest(host, server))?.live?.serial,
    filesOf: async (host, server) => Object.keys((await guest(host, server))?.disks ?? {}).sort(),
    markVariables: async () => {}, // each first boot makes up others
    variablesOf: async (host, server, set) => (await guest(host, server))?.disks[set]?.variables,
    async close() {
      for (const end of ending) await end();
      await bus.close();
      await rm(folder, { recursive: true });
    },
  };
}
