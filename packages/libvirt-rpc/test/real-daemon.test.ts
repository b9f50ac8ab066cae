import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { libvirtHostObstacle, startLibvirtHost } from '../../../test/lab/libvirt-host.ts';
import {
  baselineFlags,
  byField,
  ConnectionLost,
  connect,
  cpuComparisons,
  domainStates,
  type Libvirt,
  migrateFlags,
  migrateParams,
  stateReasons,
} from '../src/index.ts';
import { testGuest } from './guest-xml.ts';

const skip = libvirtHostObstacle() ?? false;

async function start(libvirt: Libvirt, name: string, devices = '') {
  const defined = await libvirt.domainDefineXMLFlags({ xml: testGuest('qemu', name, devices).xml });
  return libvirt.domainCreateWithFlags({ domain: defined });
}

describe('a real libvirtd', { skip }, () => {
  it('no call waits behind hung guests, and they can be destroyed', async (t) => {
    const host = await startLibvirtHost({ name: 'hung' });
    t.after(() => host.stop());
    await using libvirt = await connect(host.uri);
    // Their calls are more than a connection carries, and more than libvirtd has workers: see the laws in
    // lanes.ts.
    const sick = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => start(libvirt, `sick-${name}`)));
    const sound = await start(libvirt, 'sound');
    for (const { name } of sick)
      await host.exec('sh', ['-c', `kill -STOP $(cat /run/libvirt/qemu/${name}.pid)`]);

    let settled = 0;
    const hung: Promise<void>[] = [];
    for (const domain of sick) {
      for (let count = 0; count < 4; count++) {
        const call = libvirt.domainReset({ domain }, { timeoutMs: 120_000 });
        hung.push(call.finally(() => settled++));
      }
      await libvirt.domainReset({ domain: sound });
    }
    const ends = Promise.allSettled(hung);

    await libvirt.domainSuspend({ domain: sound });
    await libvirt.domainResume({ domain: sound });
    const fresh = await start(libvirt, 'fresh');
    await libvirt.domainDestroyFlags({ domain: fresh });
    assert.equal((await libvirt.connectListAllDomains()).length, 7);
    for (const domain of sick) {
      assert.equal((await libvirt.domainGetState({ domain })).state, domainStates.running);
      assert.equal(await libvirt.domainIsActive({ domain }), true);
    }
    assert.equal(await libvirt.connectGetHostname(), 'hung');
    assert.equal(settled, 0, 'the sick guests hung all the while');

    // libvirtd asks QEMU to end by SIGTERM (bit 14), which a stopped process keeps pending; 10 s later it
    // would kill.
    const destroyed = Promise.all(sick.map((domain) => libvirt.domainDestroyFlags({ domain })));
    for (const { name } of sick) {
      const pid = `$(cat /run/libvirt/qemu/${name}.pid)`;
      const pending = `until grep -q 'ShdPnd:.*4000$' /proc/${pid}/status; do sleep 0.02; done`;
      await host.exec('sh', ['-c', `${pending}; kill -CONT ${pid}`]);
    }
    await destroyed;
    await ends;
  });

  it('killed in the midst of a call: the outcome is unknown, streams end, and a new connection works', async (t) => {
    const host = await startLibvirtHost({ name: 'killed' });
    t.after(() => host.stop());
    const libvirt = await connect(host.uri);
    const domain = await start(libvirt, 'g');
    const events = await libvirt.events('lifecycle');
    await host.exec('sh', ['-c', 'kill -STOP $(cat /run/libvirt/qemu/g.pid)']);
    const call = assert.rejects(libvirt.domainReset({ domain }), {
      name: 'ConnectionLost',
      outcome: 'unknown',
    });
    await host.killDaemon();
    await call;
    assert.deepEqual(await events.next(), { done: true, value: undefined });
    assert.ok((await libvirt.closed) instanceof ConnectionLost);
    await assert.rejects(connect(host.uri), { name: 'ConnectionLost', outcome: 'not sent' });

    await host.exec('sh', ['-c', 'kill -CONT $(cat /run/libvirt/qemu/g.pid)']);
    await host.restartDaemon();
    await using again = await connect(host.uri);
    const found = await again.domainLookupByUUID({ uuid: domain.uuid });
    assert.equal((await again.domainGetState({ domain: found })).state, domainStates.running);
  });

  it('a network filter is defined, found, defined anew, and gone', async (t) => {
    const host = await startLibvirtHost({ name: 'filters' });
    t.after(() => host.stop());
    await using libvirt = await connect(host.uri);
    const uuid = randomUUID();
    const filterXml = (rule: string) => `<filter name='ours'><uuid>${uuid}</uuid>${rule}</filter>`;
    const nwfilter = await libvirt.nwfilterDefineXML({ xml: filterXml('') });
    assert.deepEqual(nwfilter, { name: 'ours', uuid });
    assert.deepEqual(await libvirt.nwfilterLookupByUUID({ uuid }), nwfilter);
    assert.ok((await libvirt.connectListAllNWFilters()).some((other) => other.uuid === uuid));
    const rule = "<rule action='drop' direction='in'><tcp dstportstart='9'/></rule>";
    await libvirt.nwfilterDefineXML({ xml: filterXml(rule) });
    assert.match(await libvirt.nwfilterGetXMLDesc({ nwfilter }), /dstportstart='9'/);
    await libvirt.nwfilterUndefine({ nwfilter });
    await assert.rejects(libvirt.nwfilterLookupByName({ name: 'ours' }), {
      codeName: 'ERR_NO_NWFILTER',
    });
  });

  it('expands a CPU to its features, and compares it with what it can give', async (t) => {
    const host = await startLibvirtHost({ name: 'cpu' });
    t.after(() => host.stop());
    await using libvirt = await connect(host.uri);
    const of = { arch: 'x86_64', virtType: 'qemu' };
    const cpu = (model: string) => `<cpu mode='custom' match='exact'><model>${model}</model></cpu>`;
    const expand = { ...of, xmlCPUs: [cpu('Nehalem')], flags: baselineFlags.expandFeatures };
    const expanded = await libvirt.connectBaselineHypervisorCPU(expand);
    assert.match(expanded, /<feature policy='require' name='sse4.2'\/>/);
    const { superset, incompatible } = cpuComparisons;
    assert.equal(await libvirt.connectCompareHypervisorCPU({ ...of, xml: cpu('Nehalem') }), superset);
    assert.equal(
      await libvirt.connectCompareHypervisorCPU({ ...of, xml: cpu('Icelake-Server') }),
      incompatible,
    );
  });

  it('resizes a disk and reports it', async (t) => {
    const host = await startLibvirtHost({ name: 'disks' });
    t.after(() => host.stop());
    await using libvirt = await connect(host.uri);
    const path = join(host.shared, 'disk.qcow2');
    await host.exec('qemu-img', ['create', '-q', '-f', 'qcow2', path, '8M']);
    const disk = `<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
      <source file='${path}'/><target dev='vda' bus='virtio'/></disk>`;
    const domain = await start(libvirt, 'g', disk);
    assert.equal((await libvirt.domainGetBlockInfo({ domain, path: 'vda' })).capacity, 8n << 20n);
    await libvirt.domainBlockResize({ domain, disk: 'vda', size: 12n << 20n, flags: 1 });
    assert.equal((await libvirt.domainGetBlockInfo({ domain, path: 'vda' })).capacity, 12n << 20n);
    await assert.rejects(libvirt.domainGetBlockInfo({ domain, path: 'vdz' }), { name: 'LibvirtError' });
    await libvirt.domainDestroyFlags({ domain });
  });

  it('migrates a guest to a peer, with its job to watch and an event at its end', async (t) => {
    const [source, target] = await Promise.all(
      ['source', 'target'].map((name) => startLibvirtHost({ name })),
    );
    assert.ok(source !== undefined && target !== undefined);
    t.after(() => Promise.all([source.stop(), target.stop()]));
    await using here = await connect(source.uri);
    await using there = await connect(target.uri);
    const domain = await start(here, 'g');
    await using ends = await here.events('jobCompleted', { domain });
    await using iterations = await here.events('migrationIteration', { domain });
    // Tunnelled: the hosts of these tests share a file system, not a network.
    const { live, peer2peer, tunnelled, persistDest } = migrateFlags;
    await here.domainMigratePerform3Params({
      domain,
      targetUri: target.uri,
      params: [{ field: migrateParams.bandwidth, type: 'ullong', value: 1000n }],
      flags: live | peer2peer | tunnelled | persistDest,
    });
    const moved = await there.domainLookupByUUID({ uuid: domain.uuid });
    const { state, reason } = await there.domainGetState({ domain: moved });
    assert.deepEqual([state, reason], [domainStates.running, stateReasons.running.migrated]);
    assert.equal((await here.domainGetState({ domain })).reason, stateReasons.shutoff.migrated);
    assert.equal((await iterations.next()).value?.iteration, 1);
    const end = (await ends.next()).value;
    assert.equal(end?.domain.uuid, domain.uuid);
    assert.ok(Number(byField(end.params).memory_total) > 0);
    await there.domainDestroyFlags({ domain: moved });
  });
});
