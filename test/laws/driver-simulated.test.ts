import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ImageSource } from '../../src/hypervisor/driver.ts';
import { samplePlan } from '../../src/hypervisor/libvirt/sample-plan.ts';
import { createSimulatedDriver } from '../../src/hypervisor/simulated/driver.ts';
import { lastGuest, type SimulatedGuest } from '../../src/hypervisor/simulated/guest-file.ts';
import { simulatedHost } from '../../src/hypervisor/simulated/host.ts';
import { Failure } from '../../src/model/failure.ts';
import type { ImageId, ServerId } from '../../src/model/ids.ts';
import { driverLaws } from './driver.ts';
import { type DriverLab, type LabCpu, saidAtBoot } from './driver-lab.ts';

driverLaws('the simulated driver', openLab);

async function openLab(): Promise<DriverLab> {
  const folder = await mkdtemp(join(tmpdir(), 'np-simulated-'));
  const { image } = samplePlan();
  const good = { ...image, id: randomUUID() as ImageId };
  const large = { ...good, size: 3 * 2 ** 30 };
  const vanished = { ...good, id: randomUUID() as ImageId };
  const images: ImageSource = {
    async open(id) {
      if (id === vanished.id) throw new Failure('not-found', `Image ${id} could not be found.`);
      return Readable.from(['data']);
    },
  };
  const open = ({ holds, models }: LabCpu = { holds: false, models: [] }) => {
    const description = simulatedHost('kant', { holdsCpu: holds, cpuModels: models });
    return createSimulatedDriver({ folder, description, images });
  };
  let driver = await open();
  const guest = async (server: ServerId): Promise<SimulatedGuest | undefined> => {
    const text = await readFile(join(folder, `${server}.json`), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : lastGuest(text);
  };
  return {
    driver: () => driver,
    async reopen(cpu) {
      await driver.close();
      driver = await open(cpu);
    },
    images: { good, large, vanished },
    contents: {},
    ramMb: 64,
    async guestSays(server, boot) {
      const said = saidAtBoot(await driver.consoleLog(server, null), boot);
      if (said === undefined) throw new Error(`boot ${boot} left no line`);
      return said;
    },
    definedSerial: async (server) => (await guest(server))?.definition?.serial,
    runningSerial: async (server) => (await guest(server))?.live?.serial,
    diskSets: async (server) => Object.keys((await guest(server))?.disks ?? {}).sort(),
    filesOf: async (server) => (await readdir(folder)).filter((name) => name.startsWith(server)),
    markVariables: async () => {}, // each first boot makes up others
    variablesOf: async (server, set) => (await guest(server))?.disks[set]?.variables,
    async close() {
      await driver.close();
      await rm(folder, { recursive: true });
    },
  };
}
