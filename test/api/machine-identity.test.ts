import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { HostName, ProjectId } from '../../src/model/ids.ts';
import type { MachineIdentity } from '../../src/model/machine-identity.ts';
import type { Server } from '../../src/model/server.ts';
import { sampleRecord } from '../laws/sample-record.ts';
import { sampleServer } from '../laws/sample-server.ts';
import { type ComputeUnderTest, hostReport, startCompute } from './compute/compute-under-test.ts';

const A = 'a' as HostName;
const TYPE = 'pc-i440fx-7.2';
const MACHINE: MachineIdentity = {
  smbios: { manufacturer: 'M', product: 'P', version: '1', family: 'F' },
  machineType: TYPE,
  diskSerials: { root: 'root-serial' },
  addresses: { 'disk/root': '0000:00:04.0' },
  controllers: [],
};
const TIMES = { first: 2_000, changed: { 'disk.root.pci_address': 3_000 } };
const READS = { since: 4_000, values: { machine_type: 'pc-q35-7.2', 'disk.root.serial': null } };

describe('the identity of a machine, in Nameplate’s own API', () => {
  let compute: ComputeUnderTest;
  let server: Server;
  const own = (id: string, fields: object = {}) => ({
    ...({
      serial: id,
      source: 'server',
      because: [{ input: 'flavor', value: 'true' }],
      overruled: [],
    } as const),
    ...{ host: A, at: 1_000 },
    ...fields,
  });

  async function fresh(fields: Partial<Server> = {}): Promise<Server> {
    const { flavor, image } = sampleServer();
    const made = await compute.api.store.servers.insert(
      sampleServer({
        ...{ projectId: compute.member.projectId as ProjectId, host: A, vmState: 'active', taskState: null },
        ...{ flavor: { ...flavor, extraSpecs: { 'hw:unique_serial': 'true' }, ephemeralGb: 0, swapMb: 0 } },
        ...{ image: { ...image, properties: {} }, configDrive: false, createdAt: 500 },
        ...{ machine: MACHINE, machineTimes: TIMES },
        ...fields,
      }),
    );
    await compute.api.store.serials.add(sampleRecord(made.id, own(made.id)));
    return made;
  }

  before(async () => {
    compute = await startCompute();
    const platforms = (...machineTypes: string[]) => ({ platforms: { machineTypes, firmware: [] } });
    await compute.api.store.hosts.report(hostReport('a', platforms('pc', TYPE)));
    await compute.api.store.hosts.report(hostReport('b', platforms('pc', 'pc-i440fx-6.2')));
    server = await fresh();
  });
  after(() => compute.close());

  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of a body is checked by the test
  async function get(path: string, token = compute.admin): Promise<any> {
    const answer = await compute.api.ask(token, { url: `/nameplate/v1${path}` });
    assert.equal(answer.statusCode, 200, answer.body);
    return answer.json();
  }
  async function valuesOf({ id }: Server, token?: string) {
    const { identity } = await get(`/servers/${id}/identity`, token);
    return Object.fromEntries(identity.values.map((value: { name: string }) => [value.name, value]));
  }
  const timeOf = (ms: number) => new Date(ms).toISOString();

  test('says of each value since when it is so, and that nothing waits', async () => {
    const values = await valuesOf(server);
    const since = Object.entries(values).map(([name, value]) => [name, (value as { since: string }).since]);
    assert.deepEqual(Object.fromEntries(since), {
      ...{ uuid: timeOf(500), serial: timeOf(1_000), machine_type: timeOf(2_000) },
      ...{ 'smbios.manufacturer': timeOf(2_000), 'smbios.product': timeOf(2_000) },
      ...{ 'smbios.version': timeOf(2_000), 'smbios.family': timeOf(2_000) },
      ...{ 'disk.root.serial': timeOf(2_000), 'disk.root.pci_address': timeOf(3_000), screen: timeOf(2_000) },
    });
    for (const [name, value] of Object.entries(values)) {
      const { value: reads, decided, pending } = value as Record<string, unknown>;
      assert.deepEqual([decided, pending], [reads, null], name);
    }
  });

  test('shows what a guest reads that was started from a changed definition, and that the next boot puts it right', async () => {
    const changed = await fresh({ reads: READS });
    await compute.api.store.serials.add(
      sampleRecord(
        changed.id,
        own(changed.id, { serial: 'edited', source: 'outside', because: [], at: 4_000 }),
      ),
    );
    const values = await valuesOf(changed);
    const shown = (name: string) => {
      const { value, decided, since, pending } = values[name];
      return [value, decided, since, pending?.outcome, pending?.value];
    };
    assert.deepEqual(shown('machine_type'), ['pc-q35-7.2', TYPE, timeOf(4_000), 'changes', TYPE]);
    assert.deepEqual(shown('disk.root.serial'), [
      null,
      'root-serial',
      timeOf(4_000),
      'changes',
      'root-serial',
    ]);
    assert.deepEqual(shown('serial'), ['edited', changed.id, timeOf(4_000), 'changes', changed.id]);
    assert.match(values.machine_type.explanation, /changed outside of Nameplate/);
    const { serial } = await get(`/servers/${changed.id}/serial`);
    assert.deepEqual([serial.current.serial, serial.current.source], ['edited', 'outside']);
    assert.equal(serial.pending.serial, changed.id);

    const { audit } = await get('/identities/audit');
    const [deviating] = audit.deviating_guests;
    assert.deepEqual(
      deviating.values.map(({ name, value, decided }: Record<string, unknown>) => [name, value, decided]),
      [
        ['serial', 'edited', changed.id],
        ['machine_type', 'pc-q35-7.2', TYPE],
        ['disk.root.serial', null, 'root-serial'],
      ],
    );
    const [pending] = audit.pending_changes;
    assert.deepEqual([pending.server_id, pending.values.length], [changed.id, 3]);
    await compute.api.store.servers.update(changed, { vmState: 'deleted', host: null });
  });

  test('shows the owner that the host cannot give a value, and only administrators why', async () => {
    const there = await fresh({ host: 'b' as HostName });
    const { pending } = (await valuesOf(there, compute.member.token)).machine_type;
    assert.deepEqual([pending.outcome, pending.value], ['refuses', null]);
    assert.doesNotMatch(pending.why, /host b|6\.2/);
    const { pending: whole } = (await valuesOf(there)).machine_type;
    assert.match(whole.why, /host b has none of that name/);
    await compute.api.store.servers.update(there, { vmState: 'deleted', host: null });
  });

  test('previews what a move to each host would do to all values, or to one host', async () => {
    const { preview } = await get(`/servers/${server.id}/identity/preview`);
    const outcomes = preview.hosts.map((each: Record<string, unknown>) => [
      ...[each.host, each.is_current_host, each.outcome],
      (each.values as { name: string }[]).map(({ name }) => name),
    ]);
    assert.deepEqual(outcomes, [
      ['a', true, 'keeps', []],
      ['b', false, 'refuses', ['machine_type']],
    ]);
    const { preview: one } = await get(`/servers/${server.id}/identity/preview?host=b`);
    assert.equal(one.hosts.length, 1);
    const url = `/nameplate/v1/servers/${server.id}/identity/preview?host=nowhere`;
    assert.equal((await compute.api.ask(compute.admin, { url })).statusCode, 404);
    assert.equal((await compute.api.ask(compute.member.token, { url })).statusCode, 403);
  });

  test('lists values that guests share', async () => {
    const twin = await fresh();
    const { audit } = await get('/identities/audit');
    assert.deepEqual(
      audit.shared_values.map(
        ({ value, text, servers }: { value: string; text: string; servers: string[] }) => [
          ...[value, text],
          servers.toSorted(),
        ],
      ),
      [['disk_serial', 'root-serial', [server.id, twin.id].toSorted()]],
    );
  });
});
