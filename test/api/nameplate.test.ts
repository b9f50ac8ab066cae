import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { hostIdOf } from '../../src/api/compute/servers/view.ts';
import type { HostName, ProjectId } from '../../src/model/ids.ts';
import type { Server } from '../../src/model/server.ts';
import { sampleRecord } from '../laws/sample-record.ts';
import { sampleServer } from '../laws/sample-server.ts';
import { type ComputeUnderTest, hostReport, keysOf, startCompute } from './compute/compute-under-test.ts';

const MACHINE = '0123abcd-4567-89ef-0123-456789abcdef';
const HARDWARE = '00000000-0000-4000-8000-000000000001';
const A = 'a' as HostName;
const B = 'b' as HostName;
const D = 'd' as HostName;

describe("Nameplate's own API", () => {
  let compute: ComputeUnderTest;
  let plain: Server;
  const machineId = { state: 'read', file: '/etc/machine-id', text: `${MACHINE}\n` } as const;
  const empty = { state: 'read', file: '/etc/machine-id', text: '' } as const;
  const ofHost = { source: 'os', because: [{ input: 'host', value: 'os' }], overruled: [] } as const;
  const unset = { extraSpecs: {} };
  const member = () => compute.member.projectId as ProjectId;
  const fresh = (fields: Partial<Server> = {}) => {
    const { flavor, image } = sampleServer();
    return compute.api.store.servers.insert(
      sampleServer({
        projectId: member(),
        host: A,
        vmState: 'active',
        taskState: null,
        flavor: { ...flavor, ...unset },
        image: { ...image, properties: {} },
        ...fields,
      }),
    );
  };

  before(async () => {
    compute = await startCompute();
    const { hosts, serials } = compute.api.store;
    await hosts.report(hostReport('a', { serialOption: 'os', machineId, hardwareUuid: HARDWARE }));
    await hosts.report(hostReport('b', { serialOption: 'hardware', machineId, hardwareUuid: HARDWARE }));
    await hosts.report(hostReport('c', { serialOption: 'os', machineId: empty, features: [] }));
    plain = await fresh();
    await serials.add(sampleRecord(plain.id, { ...ofHost, serial: MACHINE, host: A, at: 1000 }));
  });
  after(() => compute.close());

  const ask = (path: string, token = compute.admin) =>
    compute.api.ask(token, { url: `/nameplate/v1${path}` });
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of a body is checked by the test
  const get = async (path: string, token?: string): Promise<any> => {
    const answer = await ask(path, token);
    assert.equal(answer.statusCode, 200, answer.body);
    return answer.json();
  };

  test('a serial, with its reasons and its history', async () => {
    const { serial } = await get(`/servers/${plain.id}/serial`);
    assert.deepEqual(keysOf(serial), ['current', 'history', 'pending', 'policy', 'server_id', 'wishes']);
    assert.deepEqual(serial.current, {
      serial: MACHINE,
      ...ofHost,
      explanation: 'The serial is the machine-id of host a, because the host says sysinfo_serial=os.',
      hostId: hostIdOf(member(), A),
      host: 'a',
      operation: 'create-server',
      effect: 'booted',
      at: '1970-01-01T00:00:01.000Z',
    });
    assert.deepEqual(serial.history, [serial.current]);
    assert.deepEqual([serial.pending, serial.policy], [null, { flavor: null, image: null }]);
  });

  test('an identity, with each value that a guest is known by', async () => {
    const machine = {
      smbios: { manufacturer: 'M', product: 'P', version: '1', family: 'F' },
      machineType: 'pc-i440fx-7.2',
      diskSerials: { root: 'root-serial' },
      addresses: { 'disk/root': '0000:00:04.0' },
      controllers: [],
      cpu: {
        ...{ configured: 'custom (Nehalem)', held: true },
        started: { mode: 'custom', model: 'Nehalem', vendor: null, features: { vme: 'disable' }, all: null },
      },
    } as const;
    const { id } = await fresh({ machine });
    const { identity } = await get(`/servers/${id}/identity`);
    const values = new Map<string, string | null>(
      identity.values.map(({ name, value }: { name: string; value: string | null }) => [name, value]),
    );
    assert.deepEqual(Object.fromEntries(values), {
      uuid: id,
      machine_type: 'pc-i440fx-7.2',
      'smbios.manufacturer': 'M',
      'smbios.product': 'P',
      'smbios.version': '1',
      'smbios.family': 'F',
      'disk.root.serial': 'root-serial',
      'disk.root.pci_address': '0000:00:04.0',
      screen: null,
      cpu: 'Nehalem,-vme',
    });
    const { rule, explanation } = identity.values.find(({ name }: { name: string }) => name === 'cpu');
    assert.equal(rule, 'held');
    assert.match(explanation, /custom \(Nehalem\)/);
    const { identity: earlier } = await get(`/servers/${plain.id}/identity`);
    assert.deepEqual(
      earlier.values.map(({ name, rule }: { name: string; rule: string }) => [name, rule]),
      [
        ['uuid', 'held'],
        ['serial', 'decided'],
      ],
    );
  });

  test('its owner reads no name of a host', async () => {
    const answer = await ask(`/servers/${plain.id}/serial`, compute.member.token);
    const { current } = answer.json().serial;
    assert.ok(!keysOf(current).includes('host'));
    assert.match(current.explanation, new RegExp(`host ${hostIdOf(member(), A)}`));
    const other = await ask(`/servers/${plain.id}/serial`, compute.reader.token);
    assert.equal(other.json().itemNotFound.message, `Instance ${plain.id} could not be found.`);
  });

  test('a change that waits for the next hard boot is pending; a deleted server keeps its ledger', async () => {
    const { serials, servers } = compute.api.store;
    const moved = await fresh({ host: B });
    await serials.add(sampleRecord(moved.id, { ...ofHost, serial: MACHINE, host: A }));
    const before = (await get(`/servers/${moved.id}/serial`)).serial;
    assert.deepEqual([before.current.serial, before.pending.serial], [MACHINE, HARDWARE]);
    assert.deepEqual([before.pending.outcome, before.pending.effect], ['changes', 'pending']);
    assert.match(before.pending.explanation, /hardware UUID of host b/);
    const pending = { ...ofHost, source: 'hardware', serial: HARDWARE, host: B, effect: 'pending' } as const;
    await serials.add(sampleRecord(moved.id, { ...pending, operationId: null }));
    await servers.update(moved, { vmState: 'deleted', host: null });
    const { serial } = await get(`/servers/${moved.id}/serial`, compute.member.token);
    assert.deepEqual([serial.current.serial, serial.pending, serial.history.length], [MACHINE, null, 2]);
    assert.equal((await ask(`/servers/${moved.id}/serial/preview`)).statusCode, 404);
  });

  test('pending is what the host reports now, for owners too, without a line of the ledger', async () => {
    const { hosts, serials } = compute.api.store;
    const server = await fresh({ host: D });
    const { token } = compute.member;
    const pendingOf = async (who?: string) => (await get(`/servers/${server.id}/serial`, who)).serial.pending;
    const reports = (fields: Parameters<typeof hostReport>[1]) =>
      hosts.report(hostReport('d', { serialOption: 'os', machineId, hardwareUuid: null, ...fields }));
    await reports({});
    await serials.add(sampleRecord(server.id, { ...ofHost, serial: MACHINE, host: D, at: 1000 }));
    assert.equal(await pendingOf(token), null);
    const other = 'fedcba98-7654-3210-fedc-ba9876543210';
    await reports({ machineId: { ...machineId, text: other } });
    const waits = await pendingOf(token);
    assert.deepEqual(
      [waits.outcome, waits.serial, waits.why, waits.hostId],
      ['changes', other, null, hostIdOf(member(), D)],
    );
    assert.ok(!keysOf(waits).includes('host'));
    await reports({ serialOption: 'unique' });
    assert.equal((await pendingOf(token)).serial, server.id);
    await reports({ serialOption: 'none' });
    assert.equal((await pendingOf(token)).serial, null);
    for (const text of ['', '0'.repeat(32), 'uninitialized']) {
      await reports({ machineId: { ...machineId, text } });
      const forOwner = await pendingOf(token);
      assert.deepEqual([forOwner.outcome, forOwner.effect], ['refuses', 'refused']);
      assert.doesNotMatch(JSON.stringify(forOwner), /machine-id|\/|sysinfo/);
      assert.match((await pendingOf()).why, /Host d cannot give .*\/etc\/machine-id/);
    }
    const { audit } = await get('/serials/audit');
    const [line] = audit.pending_serials.filter(
      (each: { server_id: string }) => each.server_id === server.id,
    );
    assert.deepEqual([line.now, line.outcome, line.host], [MACHINE, 'refuses', 'd']);
    await hosts.remove(D);
    assert.equal(await pendingOf(token), null);
    await compute.api.store.servers.update(server, { vmState: 'deleted', host: null });
  });

  test('an audit names the hosts that cannot give own serials, and doubtful and broken identities', async () => {
    const { hosts } = compute.api.store;
    const placeholder = '03000200-0400-0500-0006-000700080009';
    const all = {
      armed: { givesSerial: false, arch: 'aarch64' },
      older: { features: [], version: '0.0.9' },
      board: { serialOption: 'hardware', hardwareUuid: placeholder },
      zeros: { machineId: { ...machineId, text: '0'.repeat(32) } },
    } as const;
    for (const [name, fields] of Object.entries(all)) await hosts.report(hostReport(name, fields));
    const { audit } = await get('/serials/audit');
    const why = (list: { host: string; why: string }[], name: string) =>
      list.find(({ host }) => host === name)?.why ?? '';
    assert.match(why(audit.hosts_without_own_serials, 'armed'), /aarch64/);
    assert.match(why(audit.hosts_without_own_serials, 'older'), /version 0\.0\.9/);
    assert.match(why(audit.doubtful_identities, 'board'), /placeholder/);
    assert.match(why(audit.broken_identities, 'zeros'), /one digit throughout/);
    for (const name of Object.keys(all)) await hosts.remove(name as HostName);
  });

  test('names on flavor and image that do nothing are named, with the right one', async () => {
    const { flavor, image } = sampleServer();
    const server = await fresh({
      flavor: { ...flavor, extraSpecs: { hw_unique_serial: 'true' } },
      image: { ...image, properties: { 'hw:unique_serial': 'yes', os_distro: 'debian' } },
    });
    const { serial } = await get(`/servers/${server.id}/serial`, compute.member.token);
    assert.deepEqual(serial.policy, { flavor: null, image: null });
    assert.deepEqual(serial.wishes, serial.policy, 'the name of release 0.1');
    assert.deepEqual(
      serial.ineffective.map((each: { explanation: string }) => each.explanation),
      [
        'The flavor says hw_unique_serial=true, which has no effect: the extra spec of a flavor is called hw:unique_serial.',
        'The image says hw:unique_serial=yes, which has no effect: the property of an image is called hw_unique_serial.',
      ],
    );
    const { preview } = await get(`/servers/${server.id}/serial/preview?host=a`);
    assert.deepEqual(preview.ineffective, serial.ineffective);
    const { audit } = await get('/serials/audit');
    const named = audit.ineffective_names.filter(
      (each: { server_id?: string }) => each.server_id === server.id,
    );
    assert.deepEqual(
      named.map(({ use }: { use: string }) => use),
      ['hw:unique_serial', 'hw_unique_serial'],
    );
    await compute.api.store.servers.update(server, { vmState: 'deleted', host: null });
    assert.equal((await get(`/servers/${plain.id}/serial`)).serial.ineffective, undefined);
  });

  test('one that was never started has none', async () => {
    const { id } = await fresh({ host: null, vmState: 'building' });
    const { serial } = await get(`/servers/${id}/serial`);
    assert.deepEqual([serial.current, serial.pending, serial.history], [null, null, []]);
    const { preview } = await get(`/servers/${id}/serial/preview?host=a`);
    assert.deepEqual([preview.serial, preview.hosts[0].outcome], [null, 'gives']);
  });

  test('a preview says what each host would do', async () => {
    const { preview } = await get(`/servers/${plain.id}/serial/preview`);
    assert.deepEqual([preview.server_id, preview.serial], [plain.id, MACHINE]);
    assert.deepEqual(
      preview.hosts.map((line: Record<string, unknown>) => [
        line.host,
        line.is_current_host,
        line.outcome,
        line.serial,
      ]),
      [
        ['a', true, 'keeps', MACHINE],
        ['b', false, 'changes', HARDWARE],
        ['c', false, 'refuses', undefined],
      ],
    );
    assert.match(preview.hosts[1].explanation, /hardware UUID of host b/);
    assert.match(preview.hosts[2].why, /\/etc\/machine-id is empty/);
    const one = (await get(`/servers/${plain.id}/serial/preview?host=b`)).preview;
    assert.deepEqual(one.hosts, [preview.hosts[1]]);
  });

  test('an audit finds what is shared, changed, or broken', async () => {
    const { serials } = compute.api.store;
    const twin = await fresh({ host: A });
    await serials.add(sampleRecord(twin.id, { host: B, at: 2000 }));
    await serials.add(sampleRecord(twin.id, { ...ofHost, serial: MACHINE, host: A, at: 3000 }));
    const { audit } = await get('/serials/audit');
    assert.deepEqual(audit.shared_serials, [
      {
        serial: MACHINE,
        servers: [
          { id: plain.id, host: 'a', source: 'os' },
          { id: twin.id, host: 'a', source: 'os' },
        ],
      },
    ]);
    assert.deepEqual(
      audit.changed_serials.map(
        ({ server_id, serials: all }: { server_id: string; serials: { serial: string }[] }) => [
          server_id,
          all.map(({ serial }) => serial),
        ],
      ),
      [[twin.id, [twin.id, MACHINE]]],
    );
    assert.deepEqual(
      audit.shared_identities.map(({ identity, hosts }: { identity: string; hosts: string[] }) => [
        identity,
        hosts,
      ]),
      [
        ['machine-id', ['a', 'b']],
        ['hardware-uuid', ['a', 'b']],
      ],
    );
    assert.deepEqual(
      audit.broken_identities.map(({ host }: { host: string }) => host),
      ['c'],
    );
  });

  test('refusals', async () => {
    const unknown = randomUUID();
    const { token } = compute.member;
    for (const [path, who, status] of [
      [`/servers/${unknown}/serial`, compute.admin, 404],
      ['/servers/x/serial', compute.admin, 404],
      [`/servers/${plain.id}/serial/preview?host=zz`, compute.admin, 404],
      [`/servers/${plain.id}/serial/preview?zz=1`, compute.admin, 400],
      [`/servers/${plain.id}/serial/preview`, token, 403],
      ['/serials/audit', token, 403],
      ['/serials/audit', 'no-token', 401],
      ['/zz', compute.admin, 404],
    ] as const) {
      const answer = await ask(path, who);
      assert.equal(answer.statusCode, status, `${path}: ${answer.body}`);
    }
    const refused = await ask(`/servers/${plain.id}/serial/preview?host=zz`);
    assert.equal(refused.json().itemNotFound.message, 'Compute host zz could not be found.');
  });
});
