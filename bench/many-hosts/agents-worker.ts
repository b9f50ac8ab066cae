import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import packageJson from '../../package.json' with { type: 'json' };
import { startAgent } from '../../src/agent/agent.ts';
import type { Bus } from '../../src/bus/bus.ts';
import { createNatsBus } from '../../src/bus/nats.ts';
import { createSimulatedDriver } from '../../src/hypervisor/simulated/driver.ts';
import { simulatedHost } from '../../src/hypervisor/simulated/host.ts';
import type { AgentEvent } from '../../src/model/command.ts';
import { asFailure } from '../../src/model/failure.ts';
import type { HostName } from '../../src/model/ids.ts';
import { createSimulatedNetworks } from '../../src/network/simulated/backend.ts';
import type { AgentsJob, AgentsSay, AgentsTold } from './agents.ts';

/**
 * The other half of `agents.ts`: many agents on the simulated driver, each with its own connection,
 * credentials, subjects and heartbeat.
 */
const waits: number[] = [];
const ownReports: { readonly bus: Bus; readonly event: AgentEvent }[] = [];
let failed = 0;
const endings: (() => Promise<void>)[] = [];

process.on('message', async (said: AgentsSay) => {
  if (said.say === 'start') await start(said.job);
  if (said.say === 'flood') await flood(said.seconds * 1000);
  if (said.say !== 'end') return answer({ waits: waits.splice(0), failed });
  await Promise.all(endings.map((end) => end()));
  process.disconnect?.();
});

function answer(told: AgentsTold): void {
  process.send?.(told);
}

async function start({ hosts, servers, folder, reportIntervalMs }: AgentsJob): Promise<void> {
  // Spread over an interval, as hosts are that nobody started in one moment; the credentials of so many are
  // checked meanwhile.
  const pause = reportIntervalMs / hosts.length;
  const begun = performance.now();
  await Promise.all(
    hosts.map(async ({ name, credentials }, n) => {
      await new Promise((resolve) =>
        setTimeout(resolve, Math.max(0, n * pause - (performance.now() - begun))),
      );
      await startOne({ name: name as HostName, credentials }, { servers, folder, reportIntervalMs });
    }),
  );
}

async function startOne(
  { name, credentials }: { name: HostName; credentials: string },
  { servers, folder, reportIntervalMs }: Omit<AgentsJob, 'hosts'>,
): Promise<void> {
  const log = () => undefined;
  const about = { name, servers, credentials: Buffer.from(credentials), tlsCa: null, log };
  const bus = await createNatsBus(about);
  const machineIdFile = join(folder, `${name}.machine-id`);
  await writeFile(machineIdFile, `${randomUUID().replaceAll('-', '')}\n`);
  const driver = await createSimulatedDriver({
    folder: join(folder, name),
    description: { ...simulatedHost(name), hardwareUuid: randomUUID() },
    images: { open: async () => Readable.from(['every host has the image already']) },
  });
  const networks = await createSimulatedNetworks({ folder: join(folder, `${name}.ports`) });
  const stop = await startAgent({
    network: networks,
    ...{ host: name, hostIp: '127.0.0.1', zone: 'nova', driver, bus: watched(bus), machineIdFile, log },
    ...{ serialOption: 'os', diskPort: 0, reportIntervalMs, version: packageJson.version, now: Date.now },
    ids: { hypervisorId: randomUUID(), serviceId: randomUUID() },
  });
  endings.push(async () => {
    await stop();
    await driver.close();
    await bus.close();
  });
}

/** Notes how long each heartbeat is on its way until a control plane has written it down. */
function watched(bus: Bus): Bus {
  let first = true;
  return {
    ...bus,
    async publish(event) {
      if (event.type === 'host' && first) ownReports.push({ bus, event });
      first = false;
      await timed(() => bus.publish(event));
    },
  };
}

async function timed(publish: () => Promise<void>): Promise<void> {
  const begun = performance.now();
  try {
    await publish();
    waits.push(performance.now() - begun);
  } catch (error) {
    if (failed++ === 0)
      process.stderr.write(`a heartbeat was not accepted: ${asFailure(error).operatorText}\n`);
    throw error;
  }
}

/** Every agent reports again as soon as its last report was taken in. */
async function flood(ms: number): Promise<void> {
  waits.length = 0;
  const end = performance.now() + ms;
  await Promise.all(
    ownReports.map(async ({ bus, event }) => {
      while (performance.now() < end) await timed(() => bus.publish(event)).catch(() => undefined);
    }),
  );
}
