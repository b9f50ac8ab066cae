import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import type { Bus } from '../../src/bus/bus.ts';
import { eventToWire } from '../../src/bus/nats/event-wire.ts';
import {
  commandSubject,
  eventSubject,
  inboxSubject,
  replySubject,
  servingSubject,
} from '../../src/bus/nats/subjects.ts';
import { createNatsBus } from '../../src/bus/nats.ts';
import type { AgentEvent } from '../../src/model/command.ts';
import { Failure, type FailureKind } from '../../src/model/failure.ts';
import type { HostName, ServerId } from '../../src/model/ids.ts';
import { freePort } from '../lab/free-port.ts';
import { type LabNats, natsObstacle, startNats } from '../lab/nats.ts';

const run = promisify(execFile);
const command = new URL('../../src/cli/nameplate.ts', import.meta.url).pathname;
const nameplate = (...words: string[]) => run(process.execPath, [command, ...words]);
const A = 'host-a' as HostName;
const B = 'host-b' as HostName;

function failsAs(kind: FailureKind) {
  return (error: unknown) => error instanceof Failure && error.kind === kind;
}

function eventOf(host: HostName): AgentEvent {
  return { type: 'guest', host, guest: { serverId: randomUUID() as ServerId, power: 'shutdown' } };
}

describe("a host's credentials", { skip: natsObstacle() ?? false, timeout: 60_000 }, () => {
  let dir: string;
  let nats: LabNats;
  let control: Bus;
  let agentOfB: Bus;
  const heard: AgentEvent[] = [];
  const commandsAtB: unknown[] = [];
  const open: NatsConnection[] = [];
  const buses: Bus[] = [];

  const busOf = async (credentials: Uint8Array | null) => {
    const options = { servers: [nats.url], tlsCa: null, name: 'test', log: () => undefined };
    const bus = await createNatsBus({ ...options, credentials });
    buses.push(bus);
    return bus;
  };
  /** What a thief has: the bare protocol with the credentials of host A. */
  const thief = async () => {
    const authenticator = credsAuthenticator(await readFile(join(dir, 'hosts', `${A}.creds`)));
    const connection = await connect({ servers: nats.url, authenticator, reconnect: false });
    open.push(connection);
    /** Resolves once the server has refused so often. */
    const refusals = async (count: number) => {
      const complaints: string[] = [];
      for await (const status of connection.status()) {
        if (status.type === 'error') complaints.push(status.error.message);
        if (complaints.length === count) return complaints;
      }
      return complaints;
    };
    return { connection, refusals };
  };

  before(async () => {
    dir = join(await mkdtemp(join(tmpdir(), 'np-bus-')), 'bus');
    const port = await freePort();
    await nameplate('bus', 'init', '--dir', dir, '--listen', `127.0.0.1:${port}`);
    await Promise.all([A, B].map((host) => nameplate('host', 'add', host, '--dir', dir)));
    nats = await startNats({ configFile: join(dir, 'nats.conf'), port });
    control = await busOf(await readFile(join(dir, 'control.creds')));
    await control.subscribe(async (event) => void heard.push(event));
    agentOfB = await busOf(await readFile(join(dir, 'hosts', `${B}.creds`)));
    await agentOfB.serve(B, async (asked) => {
      commandsAtB.push(asked);
      return { serverId: 'server' in asked ? asked.server : '', power: 'running' };
    });
  });
  after(async () => {
    for (const connection of open) await connection.close();
    for (const bus of buses) await bus.close();
    await nats.stop();
    await rm(join(dir, '..'), { recursive: true, force: true });
  });
  const observe = (host: HostName) =>
    control.request(
      host,
      { verb: 'observe', server: randomUUID() as ServerId },
      new AbortController().signal,
    );

  it('are files that only their owner may read, one a host', async () => {
    for (const file of ['authority.json', 'control.creds', 'system.creds', 'nats.conf', `hosts/${A}.creds`])
      assert.equal((await stat(join(dir, file))).mode & 0o777, 0o600, file);
    await assert.rejects(nameplate('host', 'add', A, '--dir', dir), /already/);
    await assert.rejects(nameplate('host', 'add', '../x', '--dir', dir), { code: 2 });
    await assert.rejects(nameplate('bus', 'init', '--dir', dir), /already/);
  });

  it('serve the host that they are for, and none else', async () => {
    const agent = await busOf(await readFile(join(dir, 'hosts', `${A}.creds`)));
    await assert.rejects(
      agent.serve(B, async () => assert.fail('host A was asked for host B')),
      failsAs('forbidden'),
    );
    const stop = await agent.serve(A, async (asked) => ({
      serverId: 'server' in asked ? asked.server : '',
      power: 'paused',
    }));
    assert.equal((await observe(A)).power, 'paused');
    await agent.publish(eventOf(A));
    assert.equal(heard.at(-1)?.type, 'guest');
    await stop();
  });

  it('are asked for: without any, nobody comes in', async () => {
    await assert.rejects(busOf(null), failsAs('forbidden'));
  });

  it('stolen, read nothing of another host, of the control plane or of the streams', async () => {
    const { connection } = await thief();
    const seen: string[] = [];
    const refused: string[] = [];
    const subjects = [
      '>',
      'nameplate.>',
      '_INBOX.>',
      '$JS.>',
      '$SYS.>',
      commandSubject(B),
      'nameplate.command.*',
      servingSubject(B),
      replySubject(B, 'x', '*'),
      'nameplate.reply.*.*.*',
      'nameplate.event.host-b.>',
      'nameplate.news.>',
      inboxSubject(B, '>'),
    ];
    for (const subject of subjects)
      connection.subscribe(subject, {
        callback: (error) => void (error === null ? seen : refused).push(subject),
      });
    await connection.flush();
    await observe(B);
    await agentOfB.publish(eventOf(B));
    await connection.flush();
    assert.deepEqual(seen, []);
    assert.deepEqual(refused, subjects);
  });

  it('stolen, command no other host, and cannot answer or publish events in its name', async () => {
    const { connection, refusals } = await thief();
    const before = { commands: commandsAtB.length, news: heard.length };
    const ask = JSON.stringify({ ask: { verb: 'destroy', server: randomUUID() } });
    const told = JSON.stringify({ told: eventToWire(eventOf(B)), teller: 'thief', id: 1 });
    const tries: [subject: string, data: string][] = [
      [commandSubject(B), ask],
      [commandSubject(A), ask],
      [replySubject(B, 'any', 1), JSON.stringify({ done: true })],
      [eventSubject(B), told],
      [inboxSubject(B, 'any', '1'), JSON.stringify({ done: true })],
      ['$JS.API.STREAM.DELETE.NAMEPLATE_NEWS', ''],
      ['$JS.API.STREAM.PURGE.NAMEPLATE_NEWS', ''],
      ['$JS.ACK.NAMEPLATE_NEWS.control.1.1.1.1.1', ''],
      ['$SYS.REQ.CLAIMS.UPDATE', ''],
    ];
    const refused = refusals(tries.length);
    for (const [subject, data] of tries) connection.publish(subject, data);
    assert.deepEqual(
      await refused,
      tries.map(([subject]) => `Permissions Violation for Publish to "${subject}"`),
    );
    // Its own subject it may use: what stands in the message is not believed.
    const answer = Promise.withResolvers<string>();
    connection.subscribe(inboxSubject(A, 'thief', '1'), {
      callback: (_error, message) => answer.resolve(message.string()),
    });
    connection.publish(eventSubject(A), told);
    assert.match(await answer.promise, /"kind":"forbidden"/);
    // A reply that the server itself sends where the thief tells it to is no command and no answer.
    for (const reply of [commandSubject(B), replySubject(B, 'any', 1)])
      connection.publish(eventSubject(A), told, { reply });
    await connection.flush();
    assert.equal((await observe(B)).power, 'running');
    assert.deepEqual(
      { commands: commandsAtB.length, news: heard.length },
      { commands: before.commands + 1, news: before.news },
    );
  });

  it('removed, let nobody in any more, and put out who is in; others stay', async () => {
    const { connection } = await thief();
    const file = await readFile(join(dir, 'hosts', `${A}.creds`));
    await nameplate('host', 'remove', A, '--dir', dir);
    await connection.closed();
    await assert.rejects(busOf(file), failsAs('forbidden'));
    assert.equal((await observe(B)).power, 'running');
    await nats.restart();
    await assert.rejects(busOf(file), failsAs('forbidden'));
    await nameplate('host', 'add', A, '--dir', dir);
    const again = await busOf(await readFile(join(dir, 'hosts', `${A}.creds`)));
    await again.serve(A, async () => undefined);
  });

  it('whose removal the server cannot be told of, say so and are removed when asked again', async () => {
    await nats.kill();
    await assert.rejects(nameplate('host', 'remove', B, '--dir', dir), /NATS was not reached.*again/s);
    await nats.restart();
    await nameplate('host', 'remove', B, '--dir', dir);
    await assert.rejects(nameplate('host', 'remove', 'nobody', '--dir', dir), /has no credentials/);
  });
});
