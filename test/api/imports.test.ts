import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { ServerId } from '../../src/model/ids.ts';
import { purge } from '../../src/store/purge.ts';
import { type Answer, type CloudUnderTest, startCloud } from './cloud-under-test.ts';

const SMBIOS = { manufacturer: 'QEMU', product: 'Standard PC', version: 'pc-i440fx-6.2', family: '' };
let cloud: CloudUnderTest;
let network: string;
let made = 0;

before(async () => {
  cloud = await startCloud([], ['cmp1', 'cmp2']);
  const { body } = await cloud.ask({ path: '/networking/v2.0/networks', token: cloud.admin });
  network = body.networks[0].id;
});
after(async () => {
  assert.deepEqual(cloud.errors, []);
  await cloud.close();
});

const post = (path: string, body: object, token = cloud.admin) =>
  cloud.ask({ method: 'POST', path, token, body });
const importing = (identity: object, more: object = {}, token?: string): Promise<Answer> => {
  const networks = [{ uuid: network }];
  const server = { name: 'old', flavorRef: 'small', imageRef: cloud.image, networks, ...more };
  return post('/nameplate/v1/servers/import', { server, identity }, token);
};
const imported = async (identity: object, more?: object): Promise<string> => {
  const answer = await importing(identity, more);
  assert.equal(answer.status, 202, answer.text);
  const { id } = answer.body.server;
  const rest = await cloud.atRest(id);
  assert.equal(rest?.status, 'ACTIVE', JSON.stringify(rest?.fault));
  return id;
};
const preview = async (identity: object) =>
  (await post('/nameplate/v1/servers/import/preview', { identity })).body.import;
const messageOf = ({ body }: Answer) => (Object.values(body)[0] as { message: string }).message;
const act = async (id: string, body: object, version = '2.79') => {
  const how = { body, version, token: cloud.admin };
  const answer = await cloud.compute('POST', `/servers/${id}/action`, how);
  assert.equal(answer.status, 202, answer.text);
  return cloud.atRest(id);
};
const remove = async (id: string) => {
  assert.equal((await cloud.compute('DELETE', `/servers/${id}`, { token: cloud.admin })).status, 204);
  await cloud.atRest(id);
};
/** Every value that a guest is known by, by name; those of ports without the id of the port. */
const valuesOf = async (id: string): Promise<Record<string, string | null>> => {
  const { body } = await cloud.ask({ path: `/nameplate/v1/servers/${id}/identity`, token: cloud.admin });
  const values: { name: string; value: string | null }[] = body.identity.values;
  return Object.fromEntries(values.map(({ name, value }) => [name.replace(/^port\.[^.]+/, 'port'), value]));
};

/** An identity that nothing else has. */
function machine() {
  const number = (++made).toString(16).padStart(2, '0');
  const mac = `52:54:00:12:34:${number}`;
  return {
    ...{
      mode: 'same',
      id: randomUUID(),
      serial: `VMware-42 ${number}`,
      smbios: SMBIOS,
      machine_type: 'pc-i440fx-6.2',
    },
    ...{ disk_serials: { root: `WD-${number}` }, mac_addresses: [mac] },
  };
}

/** What the values of an imported server must be. */
function asGiven({ id, serial, machine_type, disk_serials, mac_addresses }: ReturnType<typeof machine>) {
  return {
    ...{ uuid: id, serial, machine_type, 'disk.root.serial': disk_serials.root },
    ...{ 'port.mac_address': mac_addresses[0], 'smbios.product': SMBIOS.product, 'smbios.family': '' },
  };
}

describe('an import that keeps the identity', () => {
  test('keeps every value through all that makes a definition anew, on another host too', async () => {
    const old = machine();
    const id = await imported(old, { availability_zone: 'nova:cmp1' });
    assert.equal(id, old.id);
    const holds = async () => {
      const values = await valuesOf(id);
      for (const [name, value] of Object.entries(asGiven(old))) assert.equal(values[name], value, name);
    };
    await holds();
    await act(id, { reboot: { type: 'HARD' } });
    await holds();
    await act(id, { rebuild: { imageRef: cloud.image } });
    await holds();
    await act(id, { migrate: { host: 'cmp2' } });
    await holds();
    await act(id, { revertResize: null });
    await act(id, { resize: { flavorRef: 'large' } });
    await holds();
    await act(id, { confirmResize: null }, '2.1').catch(() => undefined);
    await act(id, { 'os-migrateLive': { host: null, block_migration: 'auto' } });
    await holds();
  });

  test('says that the serial was given, whatever flavor and host say', async () => {
    const id = await imported(machine());
    const { serial } = (await cloud.ask({ path: `/nameplate/v1/servers/${id}/serial`, token: cloud.admin }))
      .body;
    assert.equal(serial.current.source, 'import');
    assert.equal(serial.pending, null);
    assert.match(serial.current.explanation, /^The serial is the one that the server was imported with/);
  });

  test('gives a guest no serial and no disk serial where the old machine had none', async () => {
    const id = await imported({ ...machine(), serial: null, disk_serials: { root: null } });
    const values = await valuesOf(id);
    assert.equal(values.serial, null);
    assert.ok(!('disk.root.serial' in values));
  });

  test('takes one value alone, and decides the others as usual', async () => {
    const { id, mac_addresses: _macs } = machine();
    const values = await valuesOf(await imported({ mode: 'same', id }));
    assert.equal(values.uuid, id);
    assert.equal(values['disk.root.serial'], `${id.replaceAll('-', '').slice(0, 16)}root`);
    const other = machine();
    const byMac = await imported({ mode: 'same', mac_addresses: other.mac_addresses });
    assert.equal((await valuesOf(byMac))['port.mac_address'], other.mac_addresses[0]);
  });
});

describe('an import whose identity somebody has', () => {
  test('is refused for each single value, with the id of the server that has it', async () => {
    const old = machine();
    const id = await imported(old);
    const fresh = () => ({ ...machine(), id: undefined });
    const cases: [object, RegExp][] = [
      [{ ...fresh(), id }, new RegExp(`id ${id} cannot be kept: server ${id} has it`)],
      [
        { ...fresh(), serial: old.serial },
        new RegExp(`serial ${old.serial} cannot be kept: server ${id} has it`),
      ],
      [{ ...fresh(), serial: id }, new RegExp(`serial ${id} cannot be kept: server ${id} has it`)],
      [{ ...fresh(), disk_serials: old.disk_serials }, new RegExp(`disk_serial .* server ${id} has it`)],
      [
        { ...fresh(), mac_addresses: old.mac_addresses },
        new RegExp(`mac_address .* port [0-9a-f-]* of server ${id} has it`),
      ],
      [
        { ...fresh(), id: `${id.slice(0, 19)}ffff-ffffffffffff`.slice(0, 36) },
        new RegExp(`disk_serial .* server ${id} has it`),
      ],
    ];
    for (const [identity, why] of cases) {
      const { holders, possible } = await preview(identity);
      const answer = await importing(identity, {});
      assert.equal(answer.status, 409, JSON.stringify(identity));
      assert.match(messageOf(answer), why);
      assert.equal(possible, false);
      assert.ok(holders.length > 0);
    }
  });

  test('is refused for the serial that an ordinary server was booted with, until it is deleted', async () => {
    const id = await cloud.server();
    const { serial } = await valuesOf(id);
    const answer = await importing({ ...machine(), serial });
    assert.equal(answer.status, 409);
    assert.match(messageOf(answer), new RegExp(`server ${id}|compute host`));
  });

  test('is refused for an id that is the serial of a server or host, however it is written', async () => {
    const { id } = machine();
    const holder = await imported({ mode: 'same', serial: id.toUpperCase() });
    assert.match(
      messageOf(await importing({ mode: 'same', id })),
      new RegExp(`id ${id} cannot be kept: the serial of server ${holder} has it`),
    );
    assert.equal((await importing({ mode: 'same', serial: id })).status, 409);
    const [host] = await cloud.service.store.hosts.list();
    const ofHost = await importing({ mode: 'same', id: host!.hardwareUuid });
    assert.match(messageOf(ofHost), /cannot be kept: the serial of compute host/);
  });

  test('is refused while a port names the id, which would become the server’s port', async () => {
    const { id } = machine();
    const path = '/networking/v2.0/ports';
    const made = await post(path, { port: { network_id: network, device_id: id } }, cloud.stranger.token);
    assert.equal(made.status, 201, made.text);
    const port = made.body.port.id;
    assert.match(
      messageOf(await importing({ mode: 'same', id })),
      new RegExp(`id ${id} cannot be kept: the device_id of port ${port} has it`),
    );
    assert.equal((await preview({ mode: 'same', id })).holders[0].kind, 'port');
    const body = { port: { device_id: '' } };
    const freed = await cloud.ask({ method: 'PUT', path: `${path}/${port}`, token: cloud.admin, body });
    assert.equal(freed.status, 200, freed.text);
    assert.equal(await imported({ mode: 'same', id }), id);
  });

  test('one of two that race for an identity wins, and the other leaves nothing', async () => {
    const old = machine();
    const answers = await Promise.all(Array.from({ length: 6 }, () => importing(old)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [202, 409, 409, 409, 409, 409]);
    await cloud.atRest(old.id);
    const ports = await cloud.ask({
      path: `/networking/v2.0/ports?mac_address=${old.mac_addresses[0]}`,
      token: cloud.admin,
    });
    assert.equal(ports.body.ports.length, 1);
  });

  test('of a serial alone, races as well: one wins', async () => {
    const { serial } = machine();
    const answers = await Promise.all(Array.from({ length: 4 }, () => importing({ mode: 'same', serial })));
    assert.equal(answers.filter(({ status }) => status === 202).length, 1);
    for (const { body, status } of answers) if (status === 202) await cloud.atRest(body.server.id);
  });
});

describe('a restore of a deleted server', () => {
  test('gives the id back with all else, keeps the history, and may be repeated', async () => {
    const old = machine();
    for (let time = 1; time <= 3; time++) {
      const id = await imported(old);
      assert.equal((await valuesOf(id)).serial, old.serial);
      assert.equal((await importing(old)).status, 409);
      const actions = await cloud.compute('GET', `/servers/${id}/os-instance-actions`, {
        token: cloud.admin,
      });
      const creates = actions.body.instanceActions.filter(
        ({ action }: { action: string }) => action === 'create',
      );
      assert.equal(creates.length, time);
      await remove(id);
    }
  });

  test('works when the deleted server was purged', async () => {
    const old = machine();
    await remove(await imported(old));
    await purge(cloud.service.store, { before: Date.now() + 60_000 });
    const { retiredIds, servers } = cloud.service.store;
    assert.equal(await servers.find(old.id as ServerId), undefined);
    assert.equal(await retiredIds.has({ kind: 'server', id: old.id }), true);
    assert.equal(await imported(old), old.id);
    assert.equal(await retiredIds.has({ kind: 'server', id: old.id }), false);
  });

  test('is refused to another project, whose administrator would see the history', async () => {
    const id = await cloud.server();
    await cloud.compute('DELETE', `/servers/${id}`);
    await cloud.atRest(id);
    const answer = await importing({ mode: 'same', id });
    assert.equal(answer.status, 409);
    assert.match(messageOf(answer), new RegExp(`of another project, ${cloud.member.projectId}`));
    const { possible, holders } = await preview({ mode: 'same', id });
    assert.equal(possible, false);
    assert.match(holders[0].holder, new RegExp(cloud.member.projectId));
  });

  test('uses none of the files that a host kept of the old server', async () => {
    const old = machine();
    const first = await imported(old);
    const { servers } = cloud.service.store;
    const before = (await servers.find(first as ServerId))?.diskSet;
    await remove(first);
    await imported(old);
    assert.notEqual((await servers.find(first as ServerId))?.diskSet, before);
  });
});

describe('an import as a copy', () => {
  test('has an identity of its own, and the machine type of the old machine', async () => {
    const values = await valuesOf(await imported({ mode: 'copy', machine_type: 'pc-i440fx-6.2' }));
    assert.equal(values.machine_type, 'pc-i440fx-6.2');
    assert.notEqual(values.serial, null);
  });

  test('names none of what it makes anew', async () => {
    const answer = await importing({ ...machine(), mode: 'copy' });
    assert.equal(answer.status, 400);
    assert.match(messageOf(answer), /makes id, serial, disk_serials and mac_addresses anew/);
  });
});

describe('an import that cannot be', () => {
  test('without a mode explains both', async () => {
    const answer = await importing({ id: randomUUID() });
    assert.equal(answer.status, 400);
    assert.match(messageOf(answer), /identity\.mode is missing, but must be 'same' .* or 'copy'/);
  });

  test('is refused with the field, its value and what is accepted, before anything is written', async () => {
    const cases: [object, RegExp][] = [
      [{ id: 'x' }, /identity\.id is "x", but must be a UUID/],
      [{ id: '00000000-0000-0000-0000-000000000000' }, /not one digit throughout/],
      [{ serial: '' }, /identity\.serial is "", but must be 1 to 64 printable/],
      [{ serial: 'a\nb' }, /identity\.serial is "a\\nb"/],
      [{ serial: 'x'.repeat(65) }, /1 to 64 printable ASCII/],
      [{ disk_serials: { root: 'a,b' } }, /identity\.disk_serials\.root is "a,b"/],
      [{ disk_serials: { root: 'x'.repeat(21) } }, /1 to 20 ASCII letters/],
      [{ disk_serials: { root: 'a', swap: 'a' } }, /another serial for each disk/],
      [{ mac_addresses: ['01:00:5e:00:00:01'] }, /identity\.mac_addresses is "01:00:5e:00:00:01"/],
      [{ mac_addresses: ['52:54:00:00:00:01', '52-54-00-00-00-01'] }, /another address for each interface/],
      [{ mac_addresses: ['52:54:00:00:00:01', '52:54:00:00:00:02'] }, /gets only 1 new interfaces/],
      [{ mac_addresses: ['fe:54:00:00:00:01'] }, /whose first byte is not fe/],
      [{ serial: 'S', machine_type: '../x' }, /identity\.machine_type is "\.\.\/x"/],
      [{ serial: 'S', machine_type: 'pc' }, /must be the canonical name of a machine type/],
      [{ serial: 'S', machine_type: 'q35' }, /must be the canonical name of a machine type/],
      [
        { id: '0a0a0a0a-0000-4000-8000-00000000000a', disk_serials: { root: '0a0a0a0a00004000swap' } },
        /another serial for each disk, of those that are made from the id too/,
      ],
      [{ mac_addresses: [], disk_serials: {} }, /nothing is given to keep/],
      [{ machine_type: 'pc-i440fx-6.2' }, /nothing is given to keep/],
    ];
    const count = async () => (await cloud.service.store.servers.list({}, { limit: 1000 })).length;
    const had = await count();
    for (const [identity, why] of cases) {
      const answer = await importing({ mode: 'same', ...identity });
      assert.equal(answer.status, 400, JSON.stringify(identity));
      assert.match(messageOf(answer), why);
    }
    assert.equal(await count(), had);
  });

  test('is for administrators alone', async () => {
    for (const token of [cloud.member.token, cloud.reader.token]) {
      assert.equal((await importing(machine(), {}, token)).status, 403);
      const body = { identity: machine() };
      assert.equal((await post('/nameplate/v1/servers/import/preview', body, token)).status, 403);
    }
  });
});
