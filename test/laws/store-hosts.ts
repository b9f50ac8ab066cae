import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import type { Aggregate } from '../../src/model/aggregate.ts';
import type { HostReport } from '../../src/model/command.ts';
import type { ComputeHost, MachineIdReading } from '../../src/model/host.ts';
import type { HostName } from '../../src/model/ids.ts';
import { sampleHost as host } from './sample-host.ts';
import type { TheStore } from './store.ts';

const named = (name: string) => name as HostName;
const someHost = () => randomUUID() as HostName;
const machineId = (text: string): MachineIdReading => ({ state: 'read', file: '/etc/machine-id', text });

const aggregate = (fields: Partial<Omit<Aggregate, 'number'>> = {}): Omit<Aggregate, 'number'> => ({
  uuid: randomUUID(),
  generation: 1,
  name: randomUUID(),
  hosts: [],
  metadata: {},
  createdAt: 5,
  updatedAt: null,
  ...fields,
});

/** Hosts, what they prove themselves with, and the sets that operators put them in. */
export function storeHostLaws(the: TheStore): void {
  it('renews a host, and keeps its number, ids and what administrators said', async () => {
    const { hosts } = the().store;
    const first = await hosts.report(host('h-1'));
    assert.deepEqual(first, {
      ...host('h-1'),
      silentMs: first.silentMs,
      hypervisorId: first.hypervisorId,
      serviceId: first.serviceId,
      number: first.number,
      status: 'enabled',
      disabledReason: null,
      forcedDown: false,
    });
    const status = { status: 'disabled', disabledReason: 'repair', forcedDown: true } as const;
    const changed = await hosts.setStatus(first.name, status);
    assert.deepEqual(changed, { ...first, ...status, silentMs: changed.silentMs });
    const renewed = await hosts.report({ ...host('h-1'), lastSeenAt: 50, givesSerial: false });
    const { silentMs } = renewed;
    assert.deepEqual(renewed, { ...first, ...status, lastSeenAt: 50, silentMs, givesSerial: false });
    const second = await hosts.report(host('h-2'));
    assert.equal(second.number, first.number + 1);
    const timeless = (one: ComputeHost | undefined) => ({ ...one, silentMs: 0 });
    assert.deepEqual((await hosts.list()).map(timeless), [renewed, second].map(timeless));
    assert.deepEqual(timeless(await hosts.find(first.name)), timeless(renewed));
    await assert.rejects(hosts.setStatus('nowhere' as HostName, status), { kind: 'not-found' });
  });

  it('lists every host although an older release stored a malformed report', async () => {
    const { hosts } = the().store;
    const { capacity: _, ...rest } = host('bad-1');
    const malformed = [
      rest,
      host('bad-2', { machineId: { state: 'read', file: '/etc/machine-id' } as never }),
      host('bad-3', { zone: null as never }),
      host('bad-4', { lastSeenAt: Number.MAX_SAFE_INTEGER }),
      host('bad-5', { features: 'all' as never, cpuInfo: null as never, hardwareUuid: null }),
    ];
    for (const report of malformed) await hosts.report(report as HostReport);
    const listed = (await hosts.list()).filter(({ name }) => name.startsWith('bad-'));
    assert.deepEqual(
      listed.map(({ name }) => name),
      malformed.map(({ name }) => name),
    );
    const [first, second, third, fourth, fifth] = listed;
    assert.deepEqual(first?.capacity, { vcpus: 0, memoryMb: 0, diskGb: 0 });
    assert.equal(second?.machineId.state, 'unreadable');
    assert.equal(third?.zone, 'nova');
    assert.ok(!Number.isNaN(new Date(fourth?.lastSeenAt ?? Number.NaN).getTime()));
    assert.deepEqual([fifth?.features, fifth?.cpuInfo], [[], {}]);
    await hosts.report(host('bad-1'));
    assert.deepEqual((await hosts.find(named('bad-1')))?.capacity, host('bad-1').capacity);
    for (const { name } of malformed) await hosts.remove(name);
  });

  it('forgets a host, and takes it for a new one when it reports again', async () => {
    const { hosts } = the().store;
    const first = await hosts.report(host('h-gone'));
    assert.equal(await hosts.remove(first.name), true);
    assert.equal(await hosts.remove(first.name), false);
    assert.equal(await hosts.find(first.name), undefined);
    assert.ok((await hosts.report(host('h-gone'))).number > first.number);
    await hosts.remove(first.name);
  });

  it('finds hosts that report one identity, however it is written', async () => {
    const { hosts } = the().store;
    const [os, hardware] = ['0123456789abcdef0123456789abcdef', randomUUID()];
    await hosts.report(host('same-1', { machineId: machineId(`${os}\n`), hardwareUuid: hardware }));
    await hosts.report(host('same-2', { machineId: machineId(os.toUpperCase()) }));
    await hosts.report(host('same-3', { hardwareUuid: hardware.toUpperCase() }));
    await hosts.report(host('alone', { machineId: machineId('f'.repeat(32)), hardwareUuid: randomUUID() }));
    await hosts.report(host('bare-1', { machineId: machineId(' ') }));
    await hosts.report(host('bare-2', { machineId: machineId('') }));
    const byOs = { identity: 'machine-id', value: os, hosts: [named('same-1'), named('same-2')] };
    const byHardware = { identity: 'hardware-uuid', value: hardware, hosts: ['same-1', 'same-3'].map(named) };
    assert.deepEqual(await hosts.sharedIdentities(), [byOs, byHardware]);
    assert.deepEqual(await hosts.sharedIdentities(named('same-1')), [byOs, byHardware]);
    assert.deepEqual(await hosts.sharedIdentities(named('same-3')), [byHardware]);
    for (const name of ['alone', 'bare-1', 'nobody'])
      assert.deepEqual(await hosts.sharedIdentities(named(name)), [], name);
    await hosts.report(host('same-2', { machineId: machineId('e'.repeat(32)) }));
    assert.deepEqual(await hosts.sharedIdentities(), [byHardware]);
  });

  it('keeps an aggregate, and refuses a name that is taken', async () => {
    const { aggregates } = the().store;
    const asked = aggregate({ hosts: [someHost()], metadata: { availability_zone: 'north' } });
    const made = await aggregates.insert(asked);
    assert.deepEqual(made, { ...asked, number: made.number });
    assert.deepEqual(await aggregates.find(made.number), made);
    const again = aggregates.insert(aggregate({ name: made.name }));
    await assert.rejects(again, { kind: 'conflict', message: `Aggregate ${made.name} already exists.` });
    const other = await aggregates.insert(aggregate());
    await assert.rejects(aggregates.update(other, { name: made.name }), { kind: 'conflict' });
    assert.deepEqual((await aggregates.list()).slice(-2), [made, other]);
    assert.deepEqual(await (await the().reopen()).aggregates.find(made.number), made);
  });

  it('changes an aggregate of the generation that was seen, and knows who is in it', async () => {
    const { aggregates } = the().store;
    const [a, b, c] = [someHost(), someHost(), someHost()];
    const first = await aggregates.insert(aggregate({ hosts: [a, b] }));
    const second = await aggregates.insert(aggregate({ hosts: [b] }));
    const changed = await aggregates.update(first, {
      hosts: [c, b],
      metadata: { ssd: 'true' },
      updatedAt: 9,
    });
    const expected = { ...first, hosts: [c, b], metadata: { ssd: 'true' }, updatedAt: 9, generation: 2 };
    assert.deepEqual(changed, expected);
    await assert.rejects(aggregates.update(first, { hosts: [] }), { kind: 'conflict' });
    await assert.rejects(aggregates.update({ ...first, number: 9_999 }, {}), { kind: 'not-found' });
    assert.deepEqual(await aggregates.ofHost(a), []);
    assert.deepEqual(await aggregates.ofHost(b), [changed, second]);
    assert.deepEqual(await aggregates.ofHost(c), [changed]);
    assert.equal(await aggregates.delete(first.number), true);
    assert.equal(await aggregates.delete(first.number), false);
    assert.deepEqual(await aggregates.ofHost(b), [second]);
  });
}
