import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect as connectPlainly } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import type { HypervisorDriver } from '../../hypervisor/driver.ts';
import { samplePlan } from '../../hypervisor/libvirt/sample-plan.ts';
import { createSimulatedDriver } from '../../hypervisor/simulated/driver.ts';
import { simulatedHost } from '../../hypervisor/simulated/host.ts';
import type { DiskOffer } from '../../model/command.ts';
import { Failure, type FailureKind } from '../../model/failure.ts';
import type { OperationId, ServerId } from '../../model/ids.ts';
import { DiskServer } from './disk-server.ts';
import { fetchDisks } from './fetch-disks.ts';
import { LINK_TLS, readLine } from './protocol.ts';

const never = new AbortController().signal;
const LONG_MS = 60_000;

let folder = '';
let source: HypervisorDriver;
let destination: HypervisorDriver;
let server: DiskServer;
const plan = samplePlan({ serverId: randomUUID() as ServerId });
const offered = { server: plan.serverId, set: plan.diskSet, purpose: 'move' } as const;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'np-link-'));
  [source, destination] = (await Promise.all(
    ['from', 'to'].map((name) =>
      createSimulatedDriver({
        folder: join(folder, name),
        description: simulatedHost(name),
        images: { open: async () => Readable.from(['data']) },
      }),
    ),
  )) as [HypervisorDriver, HypervisorDriver];
  await source.createDisks({ plan, from: 'image' }, never);
  server = serverWith(LONG_MS);
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

function serverWith(offerMs: number): DiskServer {
  return new DiskServer({
    moves: source.moves,
    address: '127.0.0.1',
    port: 0,
    offerMs,
    log: () => undefined,
  });
}

function fetch(offer: DiskOffer, signal = never): Promise<void> {
  return fetchDisks(destination.moves, { plan, offer }, signal);
}

async function fails(kind: FailureKind, work: Promise<unknown>): Promise<void> {
  const thrown = await work.then(
    () => assert.fail(`it worked; ${kind} was expected`),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof Failure, String(thrown));
  assert.equal(thrown.kind, kind, thrown.operatorText);
}

/** A peer that knows the key and then does not keep to the protocol. */
async function peer({ address: host, port, identity, key }: DiskOffer): Promise<TLSSocket> {
  const psk = Buffer.from(key, 'hex');
  const options = { ...LINK_TLS, host, port, pskCallback: () => ({ identity, psk }) };
  const socket = connect({ ...options, checkServerIdentity: () => undefined });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

describe('the data link between agents', () => {
  it('carries disks once for each offer, several at a time', async () => {
    const [one, other] = [await server.offer(offered), await server.offer(offered)];
    assert.equal(one.port, other.port);
    assert.notEqual(one.key, other.key);
    await fetch(one);
    assert.ok(await destination.moves.hasDisks(plan));
    await fetch(one);
    await destination.deleteDisks(plan.serverId, 'all');
    await fails('unavailable', fetch(one));
    await fetch(other);
  });

  it('is not listened on when there is nothing to fetch, and again when there is', async () => {
    const first = await server.offer(offered);
    await fetch(first);
    await destination.deleteDisks(plan.serverId, 'all');
    await fails('unavailable', fetch(first));
    await fetch(await server.offer(offered));
  });

  it('has nothing for who does not know the key, or shows another', async () => {
    const offer = await server.offer(offered);
    await fails('unavailable', fetch({ ...offer, key: randomBytes(32).toString('hex') }));
    await fails('unavailable', fetch({ ...offer, identity: randomUUID() }));
    const plain = connectPlainly(offer.port, offer.address);
    plain.on('error', () => undefined).end('GET / HTTP/1.1\r\n\r\n');
    plain.resume();
    await once(plain, 'close');
    await fetch(offer);
  });

  it('keeps an offer after a fetch that broke off, or said something else', async () => {
    const offer = await server.offer(offered);
    for (const said of ['{"held":1}\n', 'what?\n', '{"held":[]}\n', '']) {
      const socket = await peer(offer);
      socket.write(said);
      if (said === '') socket.destroy();
      else {
        socket.resume().end('not done\n');
        await once(socket, 'close');
      }
    }
    await fetch(offer);
  });

  it('lets go of an earlier fetch when the destination asks again', async () => {
    const offer = await server.offer(offered);
    const stuck = await peer(offer);
    const ended = once(stuck.resume(), 'end');
    await fetch(offer);
    await ended;
  });

  it('takes an offer back after its time', async () => {
    await server.close();
    server = serverWith(1);
    const offer = await server.offer(offered);
    // Whoever is connected when the time is up is not sent away, so the end of the offer shows in a
    // connection that is refused.
    for (;;) {
      const socket = connectPlainly(offer.port, offer.address);
      const refused = await Promise.race([
        once(socket, 'connect').then(() => false),
        once(socket, 'close').then(() => true),
      ]).catch(() => true);
      socket.destroy();
      if (refused) break;
    }
    await fails('unavailable', fetch(offer));
  });

  it('hands on what the source says', async () => {
    await source.define({ plan, serial: null, operation: 'operation-1' as OperationId });
    await source.start(plan.serverId);
    const offer = await server.offer(offered);
    await fails('conflict', fetch(offer));
    await source.destroy(plan.serverId);
    await fetch(offer);
  });

  it('believes no source that refuses in another form', async () => {
    const key = randomBytes(32);
    const answers: readonly [string, FailureKind][] = [
      ['{"ok":false,"kind":"unauthenticated","message":"log in again"}', 'internal'],
      ['{"ok":false,"kind":"nonsense","message":{"toString":1},"operatorText":[]}', 'internal'],
      ['{"ok":"true"}', 'internal'],
      ['null', 'internal'],
      ['[]', 'internal'],
      ['not JSON', 'unavailable'],
      ['x'.repeat(1_000_000), 'unavailable'],
      [`{"ok":false,"kind":"conflict","message":"${'m'.repeat(60_000)}"}`, 'conflict'],
    ];
    for (const [answer, kind] of answers) {
      const hostile = createServer({ ...LINK_TLS, pskCallback: () => key }, (socket) => {
        socket.on('error', () => undefined);
        socket.end(`${answer}\n`);
      });
      hostile.listen(0, '127.0.0.1');
      await once(hostile, 'listening');
      const { port } = hostile.address() as AddressInfo;
      await fails(kind, fetch({ address: '127.0.0.1', port, identity: 'x', key: key.toString('hex') }));
      hostile.close();
      assert.ok(!(await destination.moves.hasDisks(plan)));
    }
  });

  it('ends at once when the destination gives up, or the source closes', async () => {
    const offer = await server.offer(offered);
    await fails('timed-out', fetch(offer, AbortSignal.abort()));
    const stuck = await peer(offer);
    stuck.write('{"held":[]}\n');
    assert.equal(await readLine(stuck), '{"ok":true}');
    const ended = once(stuck.resume(), 'end');
    await server.close();
    await ended;
    await fails('unavailable', fetch(offer));
    await fails('unavailable', server.offer(offered));
  });

  it('says which option is wrong when it cannot be listened on', async () => {
    const elsewhere = {
      moves: source.moves,
      address: '192.0.2.1',
      port: 0,
      offerMs: LONG_MS,
      log: () => undefined,
    };
    await assert.rejects(new DiskServer(elsewhere).offer(offered), {
      kind: 'unavailable',
      operatorText: /^\[DEFAULT\] my_ip 192\.0\.2\.1, \[nameplate\] disk_port 0: /,
    });
  });
});
