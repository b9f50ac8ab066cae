import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ComputeClient, type GuestLine } from '../lab/compute-client.ts';
import { libvirtHostObstacle } from '../lab/libvirt-host.ts';
import { type ManyHosts, startManyHosts } from '../lab/many-hosts.ts';
import { natsObstacle } from '../lab/nats.ts';
import {
  HOST_OPTIONS,
  MOVES_TABLE,
  type Row,
  SERVERS,
  type TableHost,
  type TableServer,
} from './serial-of-moves-table.ts';

type Action = readonly [action: Record<string, unknown>, status: string];
const KINDS = Object.keys(SERVERS) as TableServer[];
const IMAGE = 'nameplate-demo';
/** Flavors with their larger one: what the flavor says goes along with a resize. */
const FLAVORS: Readonly<Record<TableServer, readonly [usual: string, large: string]>> = {
  flavor: ['3', 'large-true'],
  image: ['1', '2'],
  unset: ['1', '2'],
  false: ['small-false', 'large-false'],
};

/** After these the source still has the guest, for going back. */
const NOT_CONFIRMED = ['cold migrate', 'resize to another host'];

const obstacle = libvirtHostObstacle() ?? natsObstacle();

describe('the serial, move by move, as the guest reads it', {
  skip: obstacle ?? false,
  timeout: 420_000,
}, () => {
  let lab: ManyHosts;
  let client: ComputeClient;
  let image: string;
  const ids = new Map<TableServer, string>();
  const lines = new Map<TableServer, GuestLine>();
  let at: TableHost = 'host1';

  const hostOf = (name: TableHost) => lab.hosts.find((host) => host.name === name)!;
  const each = (work: (kind: TableServer, id: string) => Promise<void>) =>
    Promise.all(KINDS.map((kind) => work(kind, ids.get(kind) ?? '')));

  before(async () => {
    lab = await startManyHosts();
    client = await ComputeClient.login(lab.url);
    assert.deepEqual(
      Object.fromEntries(lab.hosts.map((host) => [host.name, host.serialOption])),
      HOST_OPTIONS,
    );
    image = await client.imageId(IMAGE);
    await makeFlavor({ id: 'small-false', ram: 128, own: 'false' });
    await makeFlavor({ id: 'large-false', ram: 192, own: 'false' });
    await makeFlavor({ id: 'large-true', ram: 192, own: 'true' });
  });
  after(() => lab?.close());

  async function makeFlavor({ id, ram, own }: { id: string; ram: number; own: string }): Promise<void> {
    await client.ask('POST', '/flavors', { flavor: { id, name: id, ram, vcpus: 1, disk: 1 } });
    await client.ask('POST', `/flavors/${id}/os-extra_specs`, { extra_specs: { 'hw:unique_serial': own } });
  }

  /**
   * Does something while the image asks for a serial of its own: servers keep a copy of what it said then.
   */
  async function withOwnSerialImage(work: () => Promise<void>): Promise<void> {
    const path = '/hw_unique_serial';
    await client.ask('PATCH', `/image/v2/images/${image}`, [{ op: 'add', path, value: 'true' }]);
    await work();
    await client.ask('PATCH', `/image/v2/images/${image}`, [{ op: 'remove', path }]);
  }

  async function create(): Promise<void> {
    const make = async (kind: TableServer) => {
      const wanted = { name: kind, imageRef: image, flavorRef: FLAVORS[kind][0], host: 'host1' };
      ids.set(kind, await client.createServer(wanted));
    };
    await withOwnSerialImage(() => make('image'));
    for (const kind of KINDS) if (kind !== 'image') await make(kind);
    await each((_, id) => client.rests(id, 'ACTIVE'));
  }

  const acting = (...actions: readonly Action[]) =>
    each(async (_, id) => {
      for (const [action, status] of actions) await client.act(id, action, status);
    });

  async function rebuild(): Promise<void> {
    const ask = (kind: TableServer) =>
      client.ask('POST', `/servers/${ids.get(kind)}/action`, { rebuild: { imageRef: image } });
    await withOwnSerialImage(() => ask('image').then(() => undefined));
    for (const kind of KINDS) if (kind !== 'image') await ask(kind);
    await each((_, id) => client.rests(id, 'ACTIVE'));
  }

  /** To a host that is not named: so the others take no new servers meanwhile. */
  async function resizeTo(on: TableHost): Promise<void> {
    const others = (Object.keys(HOST_OPTIONS) as TableHost[]).filter((host) => host !== on);
    for (const host of others) await client.setService(host, { status: 'disabled' });
    await each((kind, id) => client.act(id, { resize: { flavorRef: FLAVORS[kind][1] } }, 'VERIFY_RESIZE'));
    for (const host of others) await client.setService(host, { status: 'enabled' });
  }

  /** The power failure of the host that they are on. */
  async function evacuateTo(on: TableHost): Promise<void> {
    const { machine, agent } = hostOf(at);
    await machine.stop();
    await agent.ended;
    await client.setService(at, { forced_down: true });
    await acting([{ evacuate: { host: on } }, 'ACTIVE']);
  }

  const OPERATIONS: Readonly<Record<string, (on: TableHost) => Promise<unknown>>> = {
    create,
    rebuild,
    'cold migrate': (on) => acting([{ migrate: { host: on } }, 'VERIFY_RESIZE']),
    confirm: () => acting([{ confirmResize: null }, 'ACTIVE']),
    revert: () => acting([{ revertResize: null }, 'ACTIVE']),
    'live migrate': (on) => acting([{ 'os-migrateLive': { host: on, block_migration: 'auto' } }, 'ACTIVE']),
    'pause, unpause': () => acting([{ pause: null }, 'PAUSED'], [{ unpause: null }, 'ACTIVE']),
    'suspend, resume': () => acting([{ suspend: null }, 'SUSPENDED'], [{ resume: null }, 'ACTIVE']),
    'soft reboot': () => acting([{ reboot: { type: 'SOFT' } }, 'ACTIVE']),
    'hard reboot': () => acting([{ reboot: { type: 'HARD' } }, 'ACTIVE']),
    'stop, start': () => acting([{ 'os-stop': null }, 'SHUTOFF'], [{ 'os-start': null }, 'ACTIVE']),
    'resize to another host': resizeTo,
    evacuate: evacuateTo,
  };

  function expected(row: Row, kind: TableServer): string {
    const serial = row[kind];
    if (serial === 'own') return ids.get(kind) ?? '';
    return asSerial(hostOf(serial).machine.machineId);
  }

  /** A line that the guest prints from now on, not one that it printed before the operation ended. */
  async function lineFromNow(id: string): Promise<GuestLine> {
    return client.guestLine(id, { from: (await client.consoleLog(id)).length });
  }

  async function serialInXml(host: TableHost, id: string, ...flags: string[]): Promise<string | undefined> {
    const { stdout } = await hostOf(host).machine.exec('virsh', ['dumpxml', ...flags, id]);
    return /<entry name='serial'>([^<]*)</.exec(stdout)?.[1];
  }

  /** Of the guests that a host has: all that are defined, or those that run. */
  async function has(host: TableHost, id: string, ...which: string[]): Promise<boolean> {
    const { stdout } = await hostOf(host).machine.exec('virsh', ['list', '--uuid', ...which]);
    return stdout.split('\n').includes(id);
  }

  /** Another host has the guest no more; until a resize is confirmed, the source has it switched off. */
  async function assertLeft(
    host: TableHost,
    id: string,
    { operation, isSource }: { operation: string; isSource: boolean },
  ) {
    assert.equal(await has(host, id), false, `${operation}: it does not run on ${host}`);
    const isKeptThere = isSource && NOT_CONFIRMED.includes(operation);
    assert.equal(await has(host, id, '--all'), isKeptThere, `${operation}: it is defined on ${host}`);
  }

  for (const row of MOVES_TABLE) {
    const { operation, on } = row;
    test(`${operation}, then on ${on} (${HOST_OPTIONS[on]})`, async () => {
      const from = at;
      await OPERATIONS[operation]?.(on);
      at = on;
      await each(async (kind, id) => {
        const label = `${SERVERS[kind]}, ${operation}`;
        const line = await lineFromNow(id);
        assert.equal(line.serial, expected(row, kind), `${label}: what the guest prints`);
        assert.equal(line.uuid, id);
        if (row.kept) assert.equal(line.serial, lines.get(kind)?.serial, `${label}: it is kept`);
        lines.set(kind, line);
        assert.equal(await serialInXml(on, id), line.serial, `${label}: live XML`);
        assert.equal(await serialInXml(on, id, '--inactive'), line.serial, `${label}: inactive XML`);
        for (const host of Object.keys(HOST_OPTIONS) as TableHost[]) {
          const isSource = host === from;
          if (host !== on && !(isSource && operation === 'evacuate'))
            await assertLeft(host, id, { operation, isSource });
        }
      });
    });
  }
});

/** 8-4-4-4-12 */
function asSerial(machineId: string): string {
  return machineId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
