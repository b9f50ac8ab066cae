import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { HOST, startCloudHost } from '../../test/lab/cloud-host.ts';
import { createInProcessBus } from '../bus/in-process.ts';
import { samplePlan } from '../hypervisor/libvirt/sample-plan.ts';
import { SimulatedNetwork } from '../hypervisor/simulated/network.ts';
import { Failure } from '../model/failure.ts';
import type { OperationId } from '../model/ids.ts';

const TEN_MINUTES_MS = 10 * 60_000;

/** A host with one guest whose event was accepted; later events can be refused. */
async function hostFor(t: TestContext) {
  const cloudFolder = await mkdtemp(join(tmpdir(), 'np-agent-'));
  t.after(() => rm(cloudFolder, { recursive: true }));
  const bus = createInProcessBus();
  let clock = 0;
  let isAccepted = true;
  let waiting = { for: '', resolve: (_events: string[]) => {} };
  const events: string[] = [];
  const running = Promise.withResolvers<void>();
  await bus.subscribe(async (event) => {
    const { type } = event;
    if (event.type === 'guest' && event.guest.power === 'running') running.resolve();
    const what = isAccepted ? type : `${type} refused`;
    events.push(what);
    if (what === waiting.for) waiting.resolve(events.splice(0));
    if (!isAccepted) throw new Failure('unavailable', 'Nobody is there.');
  });
  const host = await startCloudHost(
    { name: HOST, reportIntervalMs: 1 },
    {
      ...{ bus, cloudFolder, isNew: true, wrap: undefined, log: () => undefined, now: () => clock },
      images: { open: async () => Readable.from(['data']) },
      network: new SimulatedNetwork({ sharesDisks: false }),
    },
  );
  t.after(() => host.stop());
  /** The events up to the next one of this type. */
  const until = (type: string) =>
    new Promise<string[]>((resolve) => {
      waiting = { for: type, resolve };
    });
  const plan = samplePlan();
  await host.driver.createDisks({ plan, from: 'image', images: null }, new AbortController().signal);
  await host.driver.define({ plan, serial: null, operation: 'operation-1' as OperationId });
  await host.driver.start(plan.serverId);
  await running.promise;
  events.length = 0;
  return {
    until,
    setAccepted: (is: boolean) => {
      isAccepted = is;
    },
    pass: (milliseconds: number) => {
      clock += milliseconds;
    },
  };
}

describe('guests to which nothing happens', { timeout: 20_000 }, () => {
  it('are published again when reports are accepted again', async (t) => {
    const { until, setAccepted } = await hostFor(t);
    setAccepted(false);
    await until('host refused');
    setAccepted(true);
    await until('guest');
  });

  it('are published again every ten minutes, and not at every heartbeat', async (t) => {
    const { until, pass } = await hostFor(t);
    pass(TEN_MINUTES_MS - 1);
    const soon = [await until('host'), await until('host'), await until('host')].flat();
    assert.deepEqual(new Set(soon), new Set(['host']));
    pass(1);
    await until('guest');
  });
});
