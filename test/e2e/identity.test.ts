import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ComputeClient } from '../lab/compute-client.ts';
import { type GuestIdentity, guestIdentities } from '../lab/guest-identity.ts';
import { libvirtHostObstacle } from '../lab/libvirt-host.ts';
import type { ManyHosts } from '../lab/many-hosts.ts';
import { natsObstacle } from '../lab/nats.ts';
import { nextRelease } from '../lab/next-release.ts';
import type { Release } from '../lab/previous-release.ts';
import { typeOnSerialLine } from '../lab/type-on-serial-line.ts';
import { BUSES, type Bus, FLAVORS, makeFlavors, makeImage, startIdentityCloud } from './identity-cloud.ts';
import { readingOf } from './identity-reading.ts';
import {
  HOSTS,
  IDENTITY_TABLE,
  type Row,
  type TableHost,
  type TableValue,
  VALUES,
} from './identity-table.ts';

const isLong = process.env.NAMEPLATE_LONG === '1';
const KINDS = isLong ? (Object.keys(BUSES) as Bus[]) : (['virtio'] as const);
const TABLE = IDENTITY_TABLE.filter(({ short }) => isLong || short);
/** How QEMU's models call themselves. */
const CPU_NAMES: Readonly<Record<string, RegExp>> = { Nehalem: /Nehalem/, Westmere: /^Westmere/ };

/** Names of recorded values that a guest can read as they are. */
const READABLE = /^(?:uuid|serial|machine_type|smbios\..+|disk\..+|.+\.pci_address|port\..+)$/;
/** The sentence of the scheduler's filter. */
const LACKS_MACHINE_TYPE = /machine type pc-i440fx-6\.2 and keeps it; the host has none of that name/;

interface TableServer {
  readonly id: string;
  readonly image: string;
  /** What its guest read last. */
  guest: GuestIdentity | undefined;
  /** Of all its boots so far: a host that it comes back to still has what an earlier boot printed there. */
  readonly boots: Set<string>;
}

const obstacle = libvirtHostObstacle() ?? natsObstacle();

describe('what a guest is known by, operation by operation, as the guest reads it', {
  skip: obstacle ?? false,
  timeout: isLong ? 3_600_000 : 900_000,
}, () => {
  let lab: ManyHosts;
  let client: ComputeClient;
  let networks: readonly { readonly uuid: string }[];
  const servers = new Map<Bus, TableServer>();
  let at: TableHost = 'host1';
  let next: Release | undefined;

  const hostOf = (name: TableHost) => lab.hosts.find((host) => host.name === name)!;
  const each = (work: (server: TableServer, bus: Bus) => Promise<void>) =>
    Promise.all([...servers].map(([bus, server]) => work(server, bus)));

  before(async () => {
    lab = await startIdentityCloud();
    client = await ComputeClient.login(lab.url);
    await makeFlavors(client);
    const found = await client.ask('GET', '/networking/v2.0/networks?name=private');
    const { id: uuid } = (found as { networks: [{ id: string }] }).networks[0];
    networks = [{ uuid }, { uuid }];
  });
  after(async () => {
    await lab?.close();
    await next?.remove();
  });

  async function make(name: string, of: { imageRef: string; host: TableHost }): Promise<string> {
    return client.createServer({ name, flavorRef: FLAVORS.usual, networks, ...of });
  }

  async function create(): Promise<void> {
    for (const bus of KINDS) {
      const image = await makeImage(client, bus);
      const id = await make(bus, { imageRef: image, host: at });
      servers.set(bus, { id, image, guest: undefined, boots: new Set<string>() });
    }
    await each(({ id }) => client.rests(id, 'ACTIVE'));
  }

  type Action = readonly [action: Record<string, unknown>, status: string];
  const acting = (...actions: readonly Action[]) =>
    each(async ({ id }) => {
      for (const [action, status] of actions) await client.act(id, action, status);
    });

  /** To a host that the request does not name: the others take no servers meanwhile. */
  async function resizeTo(on: TableHost): Promise<void> {
    const others = (Object.keys(HOSTS) as TableHost[]).filter((host) => host !== on);
    for (const host of others) await client.setService(host, { status: 'disabled' });
    await acting([{ resize: { flavorRef: FLAVORS.large } }, 'VERIFY_RESIZE']);
    for (const host of others) await client.setService(host, { status: 'enabled' });
  }

  /** A release with another version takes the place of the agent that they were defined by. */
  async function upgrade(): Promise<void> {
    const host = hostOf(at);
    next = await nextRelease('99.0.0');
    await host.agent.end();
    await host.restartAgent(next.command);
    await acting([{ reboot: { type: 'HARD' } }, 'ACTIVE']);
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
    'soft reboot': () => acting([{ reboot: { type: 'SOFT' } }, 'ACTIVE']),
    'hard reboot': () => acting([{ reboot: { type: 'HARD' } }, 'ACTIVE']),
    'stop, start': () => acting([{ 'os-stop': null }, 'SHUTOFF'], [{ 'os-start': null }, 'ACTIVE']),
    'pause, unpause': () => acting([{ pause: null }, 'PAUSED'], [{ unpause: null }, 'ACTIVE']),
    'suspend, resume': () => acting([{ suspend: null }, 'SUSPENDED'], [{ resume: null }, 'ACTIVE']),
    rebuild: () => each(({ id, image }) => client.act(id, { rebuild: { imageRef: image } }, 'ACTIVE')),
    'resize to a larger flavor': resizeTo,
    'cold migrate': (on) => acting([{ migrate: { host: on } }, 'VERIFY_RESIZE']),
    revert: () => acting([{ revertResize: null }, 'ACTIVE']),
    confirm: () => acting([{ confirmResize: null }, 'ACTIVE']),
    'live migrate': (on) => acting([{ 'os-migrateLive': { host: on, block_migration: 'auto' } }, 'ACTIVE']),
    'upgrade of Nameplate, hard reboot': upgrade,
    evacuate: evacuateTo,
  };

  /** What the guest prints at its next boot or, where it runs on, when `identity` is typed. */
  async function reads(server: TableServer, { boots, label }: { boots: boolean; label: string }) {
    for (let round = 0; ; round++) {
      const printed = guestIdentities(await client.consoleLog(server.id)).at(-1);
      const isNew = boots ? !server.boots.has(printed?.bootId ?? '') : printed?.values.get('asked') === label;
      if (printed !== undefined && isNew) {
        server.boots.add(printed.bootId);
        return printed;
      }
      // What is typed before the guest listens is lost.
      if (!boots && round % 20 === 0)
        await typeOnSerialLine(hostOf(at).machine, { server: server.id, text: `identity ${label}\n` });
      await delay(250); // what a guest prints is no event; the test's own timeout ends this
    }
  }

  /** Every value that the record of the server names is among those that its guest reads. */
  async function assertRecordIsRead(id: string, guest: GuestIdentity): Promise<void> {
    const shown = await client.ask('GET', `/nameplate/v1/servers/${id}/identity`);
    const { values } = (shown as { identity: { values: { name: string; value: string }[] } }).identity;
    const read = new Set([...guest.values.values()].flatMap((value) => [value, ...value.split(/[ /]/)]));
    for (const key of guest.values.keys()) if (key.startsWith('pci.')) read.add(key.slice('pci.'.length));
    const readable = values.filter(({ name }) => READABLE.test(name));
    for (const { name, value } of readable)
      assert.ok(read.has(value), `${name} is '${value}' in the record; the guest reads it nowhere`);
    assert.ok(readable.length > 10);
  }

  function assertRow(row: Row, label: string, { was, is }: { was: GuestIdentity; is: GuestIdentity }): void {
    const [before, now] = [readingOf(was), readingOf(is)];
    for (const value of Object.keys(VALUES) as TableValue[]) {
      if (row.changes?.[value] === undefined)
        assert.deepEqual(now[value], before[value], `${label}: ${VALUES[value].title} is held`);
      else assert.notDeepEqual(now[value], before[value], `${label}: ${VALUES[value].title} changes`);
    }
    if (row.changes?.cpu === 'host')
      assert.match(is.values.get('cpu.model') ?? '', CPU_NAMES[HOSTS[row.on].cpu]!, `${label}: CPU model`);
  }

  for (const [index, row] of TABLE.entries()) {
    const { operation, on, boots } = row;
    it(`${operation}, then on ${on}: every value is as the table says`, async () => {
      await OPERATIONS[operation]?.(on);
      at = on;
      await each(async (server, bus) => {
        const is = await reads(server, { boots, label: `${index}` });
        const was = server.guest;
        server.guest = is;
        const label = `${bus}, ${operation} on ${on}`;
        if (was === undefined) assertFirst(server.id, is);
        else {
          assert.equal(is.bootId !== was.bootId, boots, `${label}: the guest boots, or runs on`);
          assertRow(row, label, { was, is });
        }
        await assertRecordIsRead(server.id, is);
      });
    });
  }

  it('a move to a host that lacks the machine type is refused with the reason, and the server stays', async () => {
    const imageRef = servers.get('virtio')?.image ?? '';
    const id = await make('older machine', { imageRef, host: 'host2' });
    await client.rests(id, 'ACTIVE');
    const server = { id, image: imageRef, guest: undefined, boots: new Set<string>() };
    const guest = await reads(server, { boots: true, label: 'first' });
    assert.equal(readingOf(guest).machineType, HOSTS.host2.machineType);
    const refused = [
      { migrate: { host: 'host3' } },
      { 'os-migrateLive': { host: 'host3', block_migration: 'auto' } },
    ];
    for (const action of refused) {
      await client.send('POST', `/servers/${id}/action`, action);
      await client.rests(id, 'ACTIVE');
      assert.match(await lastAction(id), LACKS_MACHINE_TYPE, JSON.stringify(action));
      assert.equal(await hostNow(id), 'host2');
    }
    if (isLong) {
      await hostOf('host2').machine.stop();
      await hostOf('host2').agent.ended;
      await client.setService('host2', { forced_down: true });
      await client.send('POST', `/servers/${id}/action`, { evacuate: { host: 'host3' } });
      await client.rests(id, 'ACTIVE');
      assert.match(await lastAction(id), LACKS_MACHINE_TYPE, 'evacuate');
    }
  });

  async function hostNow(id: string): Promise<unknown> {
    const { server } = (await client.ask('GET', `/servers/${id}`)) as { server: Record<string, unknown> };
    return server['OS-EXT-SRV-ATTR:host'];
  }

  /** What the last action on a server says of its events. */
  async function lastAction(id: string): Promise<string> {
    const path = `/servers/${id}/os-instance-actions`;
    const { instanceActions } = (await client.ask('GET', path)) as {
      instanceActions: { request_id: string }[];
    };
    return JSON.stringify(await client.ask('GET', `${path}/${instanceActions[0]?.request_id}`));
  }

  /** What must hold of a guest beside that it stays. */
  function assertFirst(id: string, guest: GuestIdentity): void {
    const reading = readingOf(guest);
    assert.deepEqual([reading.uuid, reading.serial], [id, id]);
    assert.match(String(reading.machineType), /^pc-i440fx-\d/);
    const digits = id.replaceAll('-', '').slice(0, 16);
    const serials = ['root', 'eph0', 'swap', 'conf'].map((role) => `${digits}${role}`);
    assert.deepEqual((reading.disks as string[]).toSorted(), serials.toSorted());
    assert.equal(new Set(reading.macs as string[]).size, 2);
    assert.equal(
      (reading.addresses as string[]).filter((address) => /^\d+\.\d+\.\d+\.\d+\/\d+$/.test(address)).length,
      2,
    );
  }
});
