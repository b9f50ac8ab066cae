import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { AgentEvent } from '../../src/model/command.ts';
import type { HostName, ServerId } from '../../src/model/ids.ts';
import { mutatedMessage } from '../lab/mutated-message.ts';
import { SAMPLE_EVENTS, SAMPLE_HOST_NAME } from '../lab/sample-messages.ts';
import { sampleHost } from '../laws/sample-host.ts';
import { type CloudUnderTest, startCloud } from './cloud-under-test.ts';

/** Everything that shows hosts, or what is on them. */
const LISTS = [
  ...['/compute/v2.1/os-hypervisors', '/compute/v2.1/os-hypervisors/detail'],
  ...[
    '/compute/v2.1/os-services',
    '/compute/v2.1/os-availability-zone/detail',
    '/compute/v2.1/os-aggregates',
  ],
  ...[
    '/compute/v2.1/servers/detail?all_tenants=1',
    '/compute/v2.1/os-migrations',
    '/nameplate/v1/serials/audit',
  ],
];
const VERSIONS = ['2.1', '2.53', '2.88', '2.93'];

describe('the service when a compute host says anything', { timeout: 120_000 }, () => {
  let cloud: CloudUnderTest;
  let server: ServerId;
  before(async () => {
    cloud = await startCloud();
    server = (await cloud.server()) as ServerId;
    await cloud.bus.publish({ type: 'host', report: sampleHost(SAMPLE_HOST_NAME) });
  });
  after(() => cloud.close());

  const say = (event: unknown) =>
    cloud.bus.publish(event as AgentEvent).then(
      () => 'taken in',
      (error: { kind: string }) => error.kind,
    );
  const everyListAnswers = async (versions = VERSIONS) => {
    for (const path of LISTS)
      for (const version of versions) {
        const { status, text } = await cloud.ask({ path, version, token: cloud.admin });
        assert.equal(status, 200, `${path} at ${version}: ${text.slice(0, 300)}`);
      }
  };

  it('refuses one malformed report, keeps the one before, and goes on', async () => {
    const { capacity: _, ...report } = sampleHost(SAMPLE_HOST_NAME, { zone: 'elsewhere' });
    const before = await cloud.service.store.hosts.find(SAMPLE_HOST_NAME);
    assert.equal(await say({ type: 'host', report }), 'invalid');
    const kept = await cloud.service.store.hosts.find(SAMPLE_HOST_NAME);
    assert.deepEqual({ ...kept, silentMs: 0 }, { ...before, silentMs: 0 });
    await everyListAnswers();
    await cloud.server();
  });

  it('lists everything, and makes servers, although reports of an older release are stored malformed', async () => {
    const { capacity: _, ...report } = sampleHost('old', { zone: null as never });
    await cloud.service.store.hosts.report(report as never);
    await everyListAnswers();
    await cloud.server();
  });

  it('answers every list, and makes servers, after messages that are mutated anywhere', async () => {
    const mutated = fc.sample(fc.oneof(...SAMPLE_EVENTS.map((event) => mutatedMessage(event))), {
      numRuns: 600,
      seed: 20261128,
    });
    const outcomes = new Set<string>();
    for (const event of mutated) outcomes.add(await say(event));
    assert.deepEqual([...outcomes].toSorted(), ['invalid', 'not-implemented', 'taken in']);
    await everyListAnswers();
    await cloud.server();
    assert.deepEqual(cloud.errors, []);
  });

  it('believes no host about a server that is on another one', async () => {
    const { store } = cloud.service;
    const before = await store.servers.find(server);
    const serials = await store.serials.of(server);
    for (const power of ['shutdown', 'absent', 'crashed', 'paused'] as const)
      await say({ type: 'guest', host: SAMPLE_HOST_NAME, guest: { serverId: server, power } });
    await say({
      type: 'inventory',
      host: SAMPLE_HOST_NAME,
      servers: [{ serverId: server, sets: ['first'] }],
    });
    assert.deepEqual(await store.servers.find(server), before);
    assert.deepEqual(await store.serials.of(server), serials);
  });

  it('takes the ids and the time of a report from itself, not from the host', async () => {
    const { store } = cloud.service;
    const victim = await store.hosts.find('cmp1' as HostName);
    const { hypervisorId, serviceId } = victim ?? {};
    const lastSeenAt = 8.64e15;
    await say({
      type: 'host',
      report: sampleHost('twin', { hypervisorId: hypervisorId!, serviceId: serviceId!, lastSeenAt }),
    });
    const twin = await store.hosts.find('twin' as HostName);
    assert.notEqual(twin?.hypervisorId, hypervisorId);
    assert.notEqual(twin?.serviceId, serviceId);
    assert.ok((twin?.lastSeenAt ?? 0) <= Date.now());
  });
});
