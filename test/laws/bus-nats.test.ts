import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startAgent } from '../../src/agent/agent.ts';
import type { Bus } from '../../src/bus/bus.ts';
import { eventToWire } from '../../src/bus/nats/event-wire.ts';
import { createNatsBus, type NatsBusOptions } from '../../src/bus/nats.ts';
import { samplePlan } from '../../src/hypervisor/libvirt/sample-plan.ts';
import { createSimulatedDriver } from '../../src/hypervisor/simulated/driver.ts';
import { simulatedHost } from '../../src/hypervisor/simulated/host.ts';
import type { AgentEvent, Command } from '../../src/model/command.ts';
import { Failure, type FailureKind } from '../../src/model/failure.ts';
import type { HostName, OperationId, ServerId } from '../../src/model/ids.ts';
import { createSimulatedNetworks } from '../../src/network/simulated/backend.ts';
import { startBusProcess } from '../lab/bus-process.ts';
import { type LabNats, natsObstacle, startNats } from '../lab/nats.ts';
import { busLaws } from './bus.ts';

const never = new AbortController().signal;
const SILENCE_MS = 1_500;
const REDELIVER_MS = 1_000;

function observe(): Command<'observe'> {
  return { verb: 'observe', server: randomUUID() as ServerId };
}

function eventOf(host: HostName): AgentEvent {
  const serverId = randomUUID() as ServerId;
  return { type: 'guest', host, guest: { serverId, power: 'running' } };
}

function newHost(): HostName {
  return `host.${randomUUID()}` as HostName;
}

function failsAs(kind: FailureKind) {
  return (error: unknown) => error instanceof Failure && error.kind === kind;
}

/** Asks until the bus has come back. */
async function untilBack<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!failsAs('unavailable')(error)) throw error;
    }
    await delay(20); // that it is back is no event to those who ask
  }
}

describe('the bus over NATS', { skip: natsObstacle() ?? false, timeout: 120_000 }, () => {
  let nats: LabNats;
  const buses: Bus[] = [];
  const open = async (options: Partial<NatsBusOptions> = {}) => {
    const bus = await createNatsBus({
      ...{ servers: [nats.url], credentials: null, tlsCa: null, name: 'laws', log: () => undefined },
      ...{ silenceMs: SILENCE_MS, redeliverMs: REDELIVER_MS },
      ...options,
    });
    buses.push(bus);
    return bus;
  };
  before(async () => {
    nats = await startNats();
  });
  after(async () => {
    for (const bus of buses) await bus.close();
    await nats.stop();
  });

  busLaws('NATS', () => open());

  describe('with replicas and agents apart', () => {
    it('one host has one agent, wherever the other one is', async () => {
      const host = newHost();
      const [one, other] = [await open(), await open()];
      const stop = await one.serve(host, async () => undefined);
      await assert.rejects(
        other.serve(host, async () => undefined),
        failsAs('conflict'),
      );
      await stop();
      await other.serve(host, async () => undefined);
    });

    it('an agent that is alive may take longer than the silence that is endured', async () => {
      const host = newHost();
      const agent = await open();
      await agent.serve(host, async (command) => {
        await delay(2 * SILENCE_MS);
        return { serverId: 'server' in command ? command.server : '', power: 'running' };
      });
      const control = await open();
      assert.equal((await control.request(host, observe(), never)).power, 'running');
    });

    it('an agent that stops answering in the middle leaves the outcome unknown', async (t) => {
      const host = newHost();
      const control = await open();
      const agent = await startBusProcess({ url: nats.url, serves: host });
      t.after(() => agent.kill());
      const asked = control.request(host, observe(), never);
      await agent.said('asked');
      agent.freeze();
      await assert.rejects(asked, failsAs('outcome-unknown'));
    });

    it('an agent that is killed in the middle leaves the outcome unknown, and is then not there', async () => {
      const host = newHost();
      const control = await open();
      const agent = await startBusProcess({ url: nats.url, serves: host });
      const asked = control.request(host, observe(), never);
      await agent.said('asked');
      await agent.kill();
      await assert.rejects(asked, failsAs('outcome-unknown'));
      await assert.rejects(control.request(host, observe(), never), failsAs('unavailable'));
    });

    it('an agent that is started again does not know what was asked before: the outcome is unknown', async () => {
      const host = newHost();
      const [control, agent] = [await open({ silenceMs: 10 * SILENCE_MS }), await open()];
      const taken = Promise.withResolvers<void>();
      const stop = await agent.serve(host, () => {
        taken.resolve();
        return new Promise(() => {});
      });
      const asked = control.request(host, observe(), never);
      await taken.promise;
      await stop();
      await agent.serve(host, async () => undefined);
      await assert.rejects(
        asked,
        (error) => failsAs('outcome-unknown')(error) && /was restarted/.test((error as Failure).operatorText),
      );
    });

    it('an answer larger than NATS takes is a failure that says so', async () => {
      const host = newHost();
      const bus = await open();
      await bus.serve(host, async () => 'x'.repeat(9 * 2 ** 20));
      await assert.rejects(bus.request(host, observe(), never), failsAs('too-large'));
    });
  });
});

describe('events over NATS', { skip: natsObstacle() ?? false, timeout: 120_000 }, () => {
  let nats: LabNats;
  before(async () => {
    nats = await startNats();
  });
  after(() => nats.stop());
  const open = (redeliverMs = REDELIVER_MS) =>
    createNatsBus({
      ...{ servers: [nats.url], credentials: null, tlsCa: null, name: 'laws', log: () => undefined },
      redeliverMs,
    });

  it('cannot be published before a control plane has been there', async (t) => {
    const agent = await open();
    t.after(() => agent.close());
    await assert.rejects(agent.publish(eventOf(newHost())), failsAs('unavailable'));
  });

  it('are each taken in by one replica', async (t) => {
    const heard: string[] = [];
    const replicas = [await open(), await open()];
    const agent = await open();
    t.after(() => Promise.all([...replicas, agent].map((bus) => bus.close())));
    for (const replica of replicas)
      await replica.subscribe(
        async (event) => void heard.push(event.type === 'guest' ? event.guest.serverId : ''),
      );
    const all = Array.from({ length: 50 }, () => eventOf(newHost()));
    await Promise.all(all.map((event) => agent.publish(event)));
    const told = all.map((event) => (event.type === 'guest' ? event.guest.serverId : ''));
    assert.deepEqual(heard.toSorted(), told.toSorted());
  });

  it('are taken in by another replica when the one that took them is killed', async (t) => {
    const agent = await open();
    const first = await startBusProcess({ url: nats.url, hears: true, redeliverMs: REDELIVER_MS });
    t.after(() => first.kill());
    const host = newHost();
    const told = agent.publish(eventOf(host));
    await first.said('heard');
    const second = await open();
    t.after(() => Promise.all([agent, second].map((bus) => bus.close())));
    const heard: HostName[] = [];
    await second.subscribe(
      async (event) => void heard.push(event.type === 'guest' ? event.host : ('' as HostName)),
    );
    await first.kill();
    await told;
    assert.deepEqual(heard, [host]);
  });

  it('that a replica cannot take in for now are heard again', async (t) => {
    const [agent, control] = [await open(), await open()];
    t.after(() => Promise.all([agent, control].map((bus) => bus.close())));
    let tries = 0;
    await control.subscribe(async () => {
      if (++tries === 1) throw new Failure('unavailable', 'The database is away.');
    });
    await agent.publish(eventOf(newHost()));
    assert.equal(tries, 2);
  });

  it('in the name of another host than the subject carries are refused', async (t) => {
    const [agent, control] = [await open(), await open()];
    t.after(() => Promise.all([agent, control].map((bus) => bus.close())));
    await control.subscribe(async () => assert.fail('they were believed'));
    const [mine, others] = [newHost(), newHost()];
    const { connect } = await import('@nats-io/transport-node');
    const raw = await connect({ servers: nats.url });
    const { eventSubject, inboxSubject } = await import('../../src/bus/nats/subjects.ts');
    const answer = Promise.withResolvers<string>();
    raw.subscribe(inboxSubject(mine, 'thief', '1'), {
      callback: (_error, message) => answer.resolve(message.string()),
    });
    raw.publish(
      eventSubject(mine),
      JSON.stringify({ told: eventToWire(eventOf(others)), teller: 'thief', id: 1 }),
    );
    assert.match(await answer.promise, /"kind":"forbidden"/);
    await raw.close();
  });
});

describe('the bus when NATS goes away', { skip: natsObstacle() ?? false, timeout: 120_000 }, () => {
  let nats: LabNats;
  let [agent, control] = [] as unknown as [Bus, Bus];
  const host = newHost();
  const heard: HostName[] = [];
  before(async () => {
    nats = await startNats();
    const options = {
      servers: [nats.url],
      credentials: null,
      tlsCa: null,
      name: 'laws',
      log: () => undefined,
    };
    agent = await createNatsBus(options);
    control = await createNatsBus(options);
    await control.subscribe(
      async (event) => void heard.push(event.type === 'guest' ? event.host : ('' as HostName)),
    );
    await agent.serve(host, async (command) => ({
      serverId: 'server' in command ? command.server : '',
      power: 'running',
    }));
  });
  after(async () => {
    await agent.close();
    await control.close();
    await nats.stop();
  });

  it('is unavailable while it is down, and goes on by itself after', async () => {
    await nats.kill();
    const down = async (ask: () => Promise<unknown>) => {
      for (;;) {
        const error: unknown = await ask().then(
          () => assert.fail('there is nobody'),
          (thrown: unknown) => thrown,
        );
        assert.ok(error instanceof Failure);
        if (error.kind === 'unavailable') return;
      }
    };
    await down(() => control.request(host, observe(), never));
    await down(() => agent.publish(eventOf(host)));
    await control.opened(AbortSignal.abort());
    let isBack = false;
    const back = control.opened(never).then(() => {
      isBack = true;
    });
    await down(() => control.request(host, observe(), never));
    assert.equal(isBack, false);
    await nats.restart();
    await back;
    const { power } = await untilBack(() => control.request(host, observe(), never));
    assert.equal(power, 'running');
    await untilBack(() => agent.publish(eventOf(host)));
    assert.equal(heard.at(-1), host);
  });

  it('a command that is being carried out meanwhile is answered after', async () => {
    const slow = newHost();
    const began = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    await agent.serve(slow, async (command) => {
      began.resolve();
      await finish.promise;
      return { serverId: 'server' in command ? command.server : '', power: 'paused' };
    });
    const asked = control.request(slow, observe(), never);
    await began.promise;
    await nats.kill();
    await nats.restart();
    await untilBack(() => control.request(host, observe(), never));
    finish.resolve();
    assert.equal((await asked).power, 'paused');
  });

  it("a guest's power that changes meanwhile is told after", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'np-agent-'));
    const host = newHost();
    const server = randomUUID() as ServerId;
    const driver = await createSimulatedDriver({
      folder,
      description: simulatedHost(host),
      images: { open: async () => Readable.from([]) },
    });
    const plan = samplePlan({ serverId: server });
    await driver.createDisks({ plan, from: 'image' }, never);
    await driver.define({ plan, serial: null, operation: randomUUID() as OperationId });
    const told = new Map<string, () => void>();
    const toldThat = (power: string) => new Promise<void>((resolve) => told.set(power, resolve));
    await control.subscribe(async (event) => {
      if (event.type === 'guest' && event.guest.serverId === server) told.get(event.guest.power)?.();
    });
    const off = toldThat('shutdown');
    const stop = await startAgent({
      network: await createSimulatedNetworks({ folder: join(folder, 'ports') }),
      ...{ host, driver, bus: agent, hostIp: '192.0.2.1', zone: 'nova', serialOption: 'none' },
      ...{ machineIdFile: join(folder, 'none'), diskPort: 0, reportIntervalMs: 60_000, version: '0' },
      ids: { hypervisorId: randomUUID(), serviceId: randomUUID() },
      now: Date.now,
      log: () => undefined,
    });
    t.after(async () => {
      await stop();
      await driver.close();
      await rm(folder, { recursive: true });
    });
    await off;
    await nats.kill();
    const running = toldThat('running');
    await driver.start(server);
    await nats.restart();
    await running;
  });

  it('is closed in peace while it is down', async () => {
    const own = await startNats();
    const bus = await createNatsBus({
      ...{ servers: [own.url], credentials: null, tlsCa: null, name: 'laws', log: () => undefined },
    });
    await bus.serve(newHost(), async () => undefined);
    await own.stop();
    await bus.close();
  });

  it('waits for it at the start, and can be told to give up', async () => {
    const own = await startNats();
    const { url, port } = own;
    await own.stop();
    const giveUp = new AbortController();
    const options = { credentials: null, tlsCa: null, name: 'laws', log: () => undefined };
    const waiting = createNatsBus({ ...options, servers: [url], signal: giveUp.signal });
    giveUp.abort();
    await assert.rejects(waiting, failsAs('timed-out'));
    const opened = createNatsBus({ ...options, servers: [url] });
    const again = await startNats({ port });
    await (await opened).close();
    await again.stop();
  });
});
