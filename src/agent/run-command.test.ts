import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { samplePort } from '../../test/lab/sample-port.ts';
import type { Definition, HypervisorDriver } from '../hypervisor/driver.ts';
import { samplePlan } from '../hypervisor/libvirt/sample-plan.ts';
import { createSimulatedDriver } from '../hypervisor/simulated/driver.ts';
import { simulatedHost } from '../hypervisor/simulated/host.ts';
import type { Command } from '../model/command.ts';
import { Failure } from '../model/failure.ts';
import type { GuestPlan } from '../model/guest.ts';
import type { HostName, OperationId } from '../model/ids.ts';
import type { SerialDecision } from '../model/serial.ts';
import type { NetworkBackend } from '../network/backend.ts';
import { createSimulatedNetworks } from '../network/simulated/backend.ts';
import type { SerialOption } from '../serial/policy.ts';
import { DiskServer } from './data-link/disk-server.ts';
import { runCommand } from './run-command.ts';

const MACHINE = '0123abcd-4567-89ef-0123-456789abcdef';
const log = () => undefined;
const never = new AbortController().signal;
const operation = 'operation-1' as OperationId;

describe('a definition that the agent is asked for', () => {
  let folder: string;
  let driver: HypervisorDriver;
  let network: NetworkBackend;
  let machineIdFile: string;
  const defined: Definition[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'np-agent-'));
    machineIdFile = join(folder, 'machine-id');
    const real = await createSimulatedDriver({
      folder: join(folder, 'guests'),
      description: simulatedHost('kant'),
      images: { open: () => assert.fail('no image is needed') },
    });
    network = await createSimulatedNetworks({ folder: join(folder, 'ports') });
    driver = {
      ...real,
      async define(definition) {
        defined.push(definition);
        return real.define(definition);
      },
    };
  });
  after(() => rm(folder, { recursive: true }));

  function run(command: Command, serialOption: SerialOption = 'none'): Promise<unknown> {
    const host = 'kant' as HostName;
    const diskServer = new DiskServer({ ...{ moves: driver.moves, address: '', port: 0 }, offerMs: 0, log });
    const parts = { host, driver, network, diskServer, serialOption, machineIdFile };
    return runCommand(parts, simulatedHost('kant'), { command, signal: never });
  }
  function define(plan: GuestPlan, serialOption: SerialOption): Promise<SerialDecision> {
    return run({ verb: 'define', plan, operation }, serialOption) as Promise<SerialDecision>;
  }

  it('gets the serial that is decided here, with the host as it is now', async () => {
    await writeFile(machineIdFile, `${MACHINE.toUpperCase()}\n`);
    assert.equal((await define(samplePlan(), 'os')).serial, MACHINE);
    assert.equal(defined.at(-1)?.serial, MACHINE);
    await rm(machineIdFile);
    const { serial, source } = await define(samplePlan(), 'auto');
    assert.deepEqual({ serial, source }, { serial: simulatedHost('kant').hardwareUuid, source: 'hardware' });
    assert.equal((await define(samplePlan(), 'none')).serial, null);
    assert.equal(defined.at(-1)?.serial, null);
  });

  it('is refused, and not written, where the host cannot give the serial', async () => {
    const before = defined.length;
    await assert.rejects(define(samplePlan(), 'os'), {
      kind: 'conflict',
      operatorText: `Host kant, [libvirt] sysinfo_serial = os: ${machineIdFile} does not exist`,
    });
    assert.equal(defined.length, before);
  });

  it('prepares ports, which follow changes until the guest is gone and not after that', async () => {
    const plan = { ...samplePlan(), ports: [samplePort()] };
    const server = plan.serverId;
    const refresh = { verb: 'plug-ports', server, ports: [samplePort({ rules: [] })] } as const;
    await run(refresh);
    assert.deepEqual(await network.ports(), [], 'not before it is defined');
    await run({ verb: 'define', plan, operation });
    await run(refresh);
    assert.deepEqual(await network.ports(), [{ id: plan.ports[0]!.id, server, operation }]);
    await run({ verb: 'undefine', server });
    await run(refresh);
    assert.deepEqual(await network.ports(), []);
  });

  it('taken back leaves the host with the ports that it had before', async () => {
    const plan = { ...samplePlan(), ports: [samplePort({ number: 7 })] };
    const server = plan.serverId;
    await run({ verb: 'define', plan, operation });
    const later = 'operation-2' as OperationId;
    const added = samplePort({ number: 8 });
    await run({ verb: 'define', plan: { ...plan, ports: [...plan.ports, added] }, operation: later });
    for (const left of [[{ id: plan.ports[0]!.id, server, operation }], []]) {
      await run({ verb: 'restore-definition', server, operation: left.length > 0 ? later : operation });
      assert.deepEqual(await network.ports(), left);
    }
  });

  it('that could not be written, taken back, asks nothing of a hypervisor that is away', async () => {
    const plan = { ...samplePlan(), ports: [samplePort({ number: 9 })] };
    const server = plan.serverId;
    await run({ verb: 'define', plan, operation });
    const { observe } = driver;
    driver.observe = () => Promise.reject(new Failure('unavailable', 'The hypervisor does not answer.'));
    try {
      await run({ verb: 'restore-definition', server, operation: 'operation-2' as OperationId });
    } finally {
      driver.observe = observe;
    }
    assert.deepEqual(await network.ports(), [{ id: plan.ports[0]!.id, server, operation }]);
    await run({ verb: 'undefine', server });
  });

  it('of a server with its own serial is not kept waiting by a source that hangs: it is not read', {
    timeout: 10_000,
  }, async () => {
    execFileSync('mkfifo', [machineIdFile]); // to read it would be to wait for a writer
    const own = samplePlan({ flavor: { extraSpecs: { 'hw:unique_serial': 'yes' } } });
    assert.equal((await define(own, 'os')).serial, own.serverId);
    const byImage = samplePlan({ image: { properties: { hw_unique_serial: 'On' } } });
    assert.equal((await define(byImage, 'auto')).serial, own.serverId);
  });
});
