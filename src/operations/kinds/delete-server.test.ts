import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { startCloud } from '../../../test/lab/cloud.ts';
import { HOST } from '../../../test/lab/cloud-host.ts';
import { createOne } from '../../../test/lab/operation-cases.ts';
import type { Command, Verb } from '../../model/command.ts';
import type { HostName } from '../../model/ids.ts';
import type { StepContext } from '../engine/step.ts';
import { deleteServer } from './delete-server.ts';

describe('a delete on a host that is down', () => {
  it('ends no process, however long the database takes to say that it is down', async (t) => {
    const cloud = await startCloud();
    t.after(() => cloud.close());
    const { id } = await createOne(cloud);
    await cloud.idle();
    await cloud.hosts.get(HOST)!.silence();
    const { bus, settings, now } = cloud.engineParts;
    const find = async (name: HostName) => {
      await turn(); // as over a network, while the bus has already said that nobody is there
      return cloud.store.hosts.find(name);
    };
    const context = {
      ...{ settings, now, server: await cloud.server(id) },
      store: { ...cloud.store, hosts: { ...cloud.store.hosts, find } },
      ask: <V extends Verb>(command: Command & { verb: V }, host?: HostName | null) =>
        bus.request<V>(host ?? HOST, command, AbortSignal.timeout(60_000)),
    } as unknown as StepContext;
    for (const step of deleteServer.steps)
      await assert.rejects(step.do(context), { kind: 'unavailable' }, step.name);
    await cloud.store.hosts.setStatus(HOST, { status: 'enabled', disabledReason: null, forcedDown: true });
    for (const step of deleteServer.steps) assert.equal(await step.do(context), undefined, step.name);
  });
});
