import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import type { Bus } from '../../src/bus/bus.ts';
import { eventToWire } from '../../src/bus/nats/event-wire.ts';
import { commandSubject, eventSubject, inboxSubject, reportSubject } from '../../src/bus/nats/subjects.ts';
import type { AgentEvent } from '../../src/model/command.ts';
import type { HostName, ServerId } from '../../src/model/ids.ts';
import { type BusWithCredentials, startBusWithCredentials } from '../lab/bus-with-credentials.ts';
import { logLine } from '../lab/log-line.ts';
import { natsObstacle } from '../lab/nats.ts';
import { sampleHost } from './sample-host.ts';

const [A, B, C] = ['host-a', 'host-b', 'host-c'] as [HostName, HostName, HostName];
const FLOOD = 60_000;
/** Events of one host that may wait in the stream, and in a replica. */
const MOST_WAITING = 64 + 64;

const guestOf = (host: HostName): AgentEvent => ({
  type: 'guest',
  host,
  guest: { serverId: randomUUID() as ServerId, power: 'shutdown' },
});
const reportOf = (host: HostName): AgentEvent => ({ type: 'host', report: sampleHost(host) });
const hostOf = (event: AgentEvent) => (event.type === 'host' ? event.report.name : event.host);
const MALFORMED = { type: 'host', report: { name: A } } as AgentEvent;

describe('a stolen host, on the bus', { skip: natsObstacle() ?? false, timeout: 120_000 }, () => {
  let lab: BusWithCredentials;
  let thief: NatsConnection;
  let [agentOfB, agentOfC] = [] as unknown as [Bus, Bus];
  let watcher: NatsConnection;
  const heard: HostName[] = [];
  const logged: string[] = [];
  const heardOf = (host: HostName) => heard.filter((one) => one === host).length;

  before(async () => {
    lab = await startBusWithCredentials([A, B, C]);
    const control = await lab.busOf('control', (event, fields) => void logged.push(logLine(event, fields)));
    await control.subscribe(async (event) => void heard.push(hostOf(event)));
    [thief, agentOfB, agentOfC] = [await lab.rawOf(A), await lab.busOf(B), await lab.busOf(C)];
    watcher = await lab.rawOf('control');
  });
  beforeEach(() => {
    heard.length = 0;
    logged.length = 0;
  });
  after(() => lab.close());

  const publish = (subject: string, event: AgentEvent, id = 1) =>
    thief.publish(subject, JSON.stringify({ told: eventToWire(event), teller: 'thief', id }));

  it('that publishes 5,000 malformed events writes at most two lines into the log', async () => {
    for (let id = 0; id < 5_000; id++) publish(reportSubject(A), MALFORMED, id);
    for (let id = 0; id < 5_000; id++) thief.publish(eventSubject(A), 'x'.repeat(100));
    await thief.flush();
    await agentOfB.publish(guestOf(B));
    assert.equal(heardOf(A), 0);
    assert.ok(logged.length <= 2, logged.join('\n'));
  });

  it('that tells 60,000 events keeps no other host from being heard, and is itself bounded by messages', async () => {
    for (let id = 0; id < FLOOD; id++) {
      publish(eventSubject(A), guestOf(A), id);
      if (id % 2_000 === 0) await thief.flush();
    }
    await thief.flush();
    const before = heardOf(A);
    for (const [agent, host] of [
      [agentOfB, B],
      [agentOfC, C],
    ] as const) {
      await agent.publish(reportOf(host));
      await agent.publish(guestOf(host));
      await agent.publish(reportOf(host));
    }
    assert.deepEqual([heardOf(B), heardOf(C)], [3, 3]);
    assert.ok(heardOf(A) - before <= MOST_WAITING, `${heardOf(A) - before} more of the flood were heard`);
    assert.ok(logged.length <= 2, `${logged.length} lines in the log`);
  });

  it('that goes on and on telling delays no heartbeat of another one', async () => {
    let told = false;
    const heartbeats = (async () => {
      for (let beat = 0; beat < 5; beat++)
        await Promise.all([agentOfB.publish(reportOf(B)), agentOfC.publish(reportOf(C))]);
    })().finally(() => {
      told = true;
    });
    for (let round = 0; !told && round < 200; round++) {
      for (let id = 0; id < 500; id++)
        publish(id % 2 === 0 ? eventSubject(A) : reportSubject(A), reportOf(A), id);
      await thief.flush();
    }
    await heartbeats;
    assert.deepEqual([heardOf(B), heardOf(C)], [5, 5]);
  });

  it('cannot have the server publish in the name of another: streams acknowledge nothing', async () => {
    const targets = [
      ...[commandSubject(B), commandSubject(A), eventSubject(B), reportSubject(B), inboxSubject(B, 'x', '1')],
      ...[
        '_INBOX.control.x',
        '$JS.API.STREAM.PURGE.NAMEPLATE_NEWS',
        '$JS.API.STREAM.DELETE.NAMEPLATE_REPORTS',
      ],
    ];
    const seen: string[] = [];
    for (const subject of [
      'nameplate.command.*',
      `nameplate.news.${B}.>`,
      '_INBOX.host-b.>',
      '_INBOX.control.>',
    ])
      watcher.subscribe(subject, { callback: (_error, message) => void seen.push(message.subject) });
    await watcher.flush();
    for (const reply of targets)
      for (const subject of [eventSubject(A), reportSubject(A)])
        thief.publish(subject, 'anything', { reply });
    await thief.flush();
    await agentOfC.publish(guestOf(C)); // what the server had to say by then has been said
    await watcher.flush();
    assert.deepEqual(seen, []);
    const manager = await jetstreamManager(watcher);
    for (const name of ['NAMEPLATE_NEWS', 'NAMEPLATE_REPORTS']) assert.ok(await manager.streams.info(name));
  });

  it('cannot roll up, or mark as duplicate, what another one told', async () => {
    const manager = await jetstreamManager(watcher);
    for (const name of ['NAMEPLATE_NEWS', 'NAMEPLATE_REPORTS']) {
      const { config } = await manager.streams.info(name);
      assert.equal(config.allow_rollup_hdrs, false);
      assert.equal(config.no_ack, true);
      assert.ok(config.max_msgs_per_subject > 0 && config.max_bytes > 0 && (config.max_msg_size ?? 0) > 0);
    }
    const rollup = headers();
    rollup.set('Nats-Rollup', 'all');
    rollup.set('Nats-Msg-Id', '1');
    thief.publish(eventSubject(A), 'x', { headers: rollup });
    await thief.flush();
    await agentOfB.publish(guestOf(B));
    assert.equal(heardOf(B), 1);
  });

  it('uses nothing of JetStream and nothing of the server itself', async () => {
    const api = [
      ...['INFO', 'STREAM.LIST', 'STREAM.NAMES', 'STREAM.CREATE.X', 'STREAM.UPDATE.NAMEPLATE_NEWS'],
      ...['STREAM.INFO.NAMEPLATE_NEWS', 'STREAM.PURGE.NAMEPLATE_REPORTS', 'STREAM.DELETE.NAMEPLATE_REPORTS'],
      ...[
        'STREAM.MSG.GET.NAMEPLATE_REPORTS',
        'STREAM.MSG.DELETE.NAMEPLATE_NEWS',
        'DIRECT.GET.NAMEPLATE_NEWS',
      ],
      ...['CONSUMER.CREATE.NAMEPLATE_NEWS', 'CONSUMER.DURABLE.CREATE.NAMEPLATE_NEWS.x'],
      ...['CONSUMER.LIST.NAMEPLATE_NEWS', 'CONSUMER.MSG.NEXT.NAMEPLATE_NEWS.control'],
      'CONSUMER.DELETE.NAMEPLATE_REPORTS.control',
    ].map((name) => `$JS.API.${name}`);
    const others = [
      ...[
        '$JS.ACK.NAMEPLATE_REPORTS.control.1.1.1.1.1',
        '$JS.FC.x',
        '$SYS.REQ.SERVER.PING',
        '$SYS.REQ.USER.INFO',
      ],
      ...[
        'nameplate.event.host-a.guest.x',
        'nameplate.event.host-a.other',
        'nameplate.anything',
        '_INBOX.x',
        'x',
      ],
    ];
    const refused = new Set<string>();
    const all = [...api, ...others];
    const connection = await lab.rawOf(A);
    const complaints = (async () => {
      for await (const status of connection.status()) {
        if (status.type !== 'error') continue;
        refused.add(/Publish to "(.*)"/.exec(status.error.message)?.[1] ?? '');
        if (refused.size === all.length) return;
      }
    })();
    for (const subject of all) connection.publish(subject, '', { reply: inboxSubject(A, 'x', '1') });
    await complaints;
    assert.deepEqual([...refused].toSorted(), all.toSorted());
  });
});
