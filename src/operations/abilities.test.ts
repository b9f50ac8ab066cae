import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Cloud, startCloudFor } from '../../test/lab/cloud.ts';
import { HOST } from '../../test/lab/cloud-host.ts';
import { createOne } from '../../test/lab/operation-cases.ts';
import { requester } from '../../test/lab/requests.ts';
import { SAMPLE_COMMANDS } from '../../test/lab/sample-messages.ts';
import type { HostName, ServerId } from '../model/ids.ts';
import { checkAbility } from './engine/check-ability.ts';
import { liveMigrateServer } from './kinds/live-migrate-server.ts';
import { hardRebootServer } from './kinds/reboot-server.ts';
import { migrateServer } from './kinds/resize-server.ts';

const A = HOST;
const B = 'hume' as HostName;
const ALL = ['unique-serial', 'move-disks', 'live-migration'];
const lives = { host: null, blockMigration: 'auto' } as const;

/** Two hosts with these features, and a server on the first. */
async function cloudWith(t: TestContext, features: { a: string[]; b: string[] }) {
  const cloud = await startCloudFor(t, {
    hosts: [
      { name: A, description: { features: features.a } },
      { name: B, description: { features: features.b } },
    ],
  });
  const { id } = await createOne(cloud);
  await cloud.idle();
  const server = await cloud.server(id);
  assert.deepEqual([server.vmState, server.host], ['active', A]);
  return { cloud, server };
}

async function lastError(cloud: Cloud, id: ServerId): Promise<string> {
  const [action] = await cloud.store.actions.list(id, { limit: 1 });
  assert.equal(action?.message, 'Error');
  return action.events[0]?.traceback ?? '';
}

describe('a host whose agent lacks a feature', () => {
  it('is no source of a live or cold migration: the request is a conflict that names both versions', async (t) => {
    const { cloud, server } = await cloudWith(t, { a: ['unique-serial'], b: ALL });
    const both = /the agent speaks protocol \d+, the control plane protocol \d+/;
    await assert.rejects(
      cloud.operations.start(liveMigrateServer, server, lives, requester()),
      (error: Error) => {
        assert.match(error.message, /^Host kant cannot migrate a running guest: .*live-migration/);
        assert.match(error.message, both);
        return (error as { kind?: string }).kind === 'conflict';
      },
    );
    await assert.rejects(cloud.operations.start(migrateServer, server, { host: null }, requester()), {
      kind: 'conflict',
      message: both,
    });
    assert.deepEqual(await cloud.server(server.id), server);
  });

  it('is no named destination: the request is invalid', async (t) => {
    const { cloud, server } = await cloudWith(t, { a: ALL, b: ['unique-serial'] });
    for (const begin of [
      () => cloud.operations.start(liveMigrateServer, server, { ...lives, host: B }, requester()),
      () => cloud.operations.start(migrateServer, server, { host: B }, requester()),
    ])
      await assert.rejects(begin, { kind: 'invalid', message: /^Host hume cannot / });
    assert.deepEqual(await cloud.server(server.id), server);
  });

  it('is passed over by the scheduler, which says why', async (t) => {
    const { cloud, server } = await cloudWith(t, { a: ALL, b: ['unique-serial'] });
    await cloud.operations.start(liveMigrateServer, server, lives, requester());
    await cloud.idle();
    assert.match(
      await lastError(cloud, server.id),
      /ProtocolFilter refused 1 of 2 hosts:\n- hume: .*does not report the feature live-migration; the agent speaks protocol/,
    );
    assert.equal((await cloud.server(server.id)).vmState, 'active');
  });

  it('still takes servers, and what its agent can do', async (t) => {
    const { cloud, server } = await cloudWith(t, { a: [], b: [] });
    await cloud.operations.start(hardRebootServer, server, {}, requester());
    await cloud.idle();
    assert.equal((await cloud.server(server.id)).vmState, 'active');
  });

  it('is not sent a command of that feature by an operation that has begun', async (t) => {
    const { cloud } = await cloudWith(t, { a: ALL, b: ['unique-serial'] });
    await checkAbility(cloud.store, A, SAMPLE_COMMANDS['migrate-live']);
    await checkAbility(cloud.store, B, SAMPLE_COMMANDS.start);
    await assert.rejects(checkAbility(cloud.store, B, SAMPLE_COMMANDS['migrate-live']), {
      kind: 'not-implemented',
      message: /the agent speaks protocol \d+, the control plane protocol \d+/,
    });
  });
});
