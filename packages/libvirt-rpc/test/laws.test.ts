import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createConnection, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type LibvirtHost, libvirtHostObstacle, startLibvirtHost } from '../../../test/lab/libvirt-host.ts';
import {
  byField,
  connect,
  domainStates,
  errorCodes,
  features,
  type Libvirt,
  LibvirtError,
  lifecycleEvents,
  metadataTypes,
  networkSections,
  networkUpdateCommands,
  networkUpdateFlags,
  networkXmlFlags,
  stateReasons,
  statsTypes,
  undefineFlags,
  xmlFlags,
} from '../src/index.ts';
import { testGuest } from './guest-xml.ts';

const refusedWith = (code: number) => (error: unknown) =>
  error instanceof LibvirtError && error.code === code;

/** What holds of every driver behind a real libvirtd. */
function laws(type: 'qemu' | 'test', uriOf: (host: LibvirtHost) => string): void {
  let host: LibvirtHost;
  let libvirt: Libvirt;
  before(async () => {
    host = await startLibvirtHost({ name: `laws-${type}` });
    libvirt = await connect(uriOf(host));
  });
  after(async () => {
    await libvirt?.close();
    await host?.stop();
  });

  async function define(name: string) {
    const guest = testGuest(type, name);
    return { ...guest, domain: await libvirt.domainDefineXMLFlags({ xml: guest.xml }) };
  }

  it('tells who it is', async () => {
    assert.equal(await libvirt.connectGetType(), type.toUpperCase());
    assert.equal(await libvirt.connectGetHostname(), `laws-${type}`);
    assert.equal(await libvirt.connectGetURI(), type === 'qemu' ? 'qemu:///system' : 'test:///default');
    assert.ok((await libvirt.connectGetVersion()) >= 1n);
    assert.ok((await libvirt.connectGetLibVersion()) >= 6_000_000n);
    assert.match(await libvirt.connectGetCapabilities(), /^<capabilities>/);
    const { model, memory, cpus } = await libvirt.nodeGetInfo();
    assert.match(model, /^\w+$/);
    assert.ok(memory > 0n && cpus > 0);
    const map = await libvirt.nodeGetCPUMap();
    assert.ok(map.cpus >= map.online && map.map.length > 0);
  });

  it('a guest is defined, found, defined anew, and gone', async () => {
    const { domain, name, uuid, xml } = await define(`a & <b> "ü" 🖥`);
    assert.deepEqual(domain, { name, uuid, id: -1 });
    assert.deepEqual(await libvirt.domainLookupByName({ name }), domain);
    assert.deepEqual(await libvirt.domainLookupByUUID({ uuid }), domain);
    assert.ok((await libvirt.connectListAllDomains()).some((other) => other.uuid === uuid));
    const described = xml.replace('<vcpu>', '<description>again</description><vcpu>');
    await libvirt.domainDefineXMLFlags({ xml: described });
    assert.match(await libvirt.domainGetXMLDesc({ domain, flags: xmlFlags.inactive }), />again</);
    assert.equal(await libvirt.domainIsPersistent({ domain }), true);
    assert.equal(await libvirt.domainIsActive({ domain }), false);
    await libvirt.domainUndefineFlags({ domain });
    await assert.rejects(libvirt.domainLookupByUUID({ uuid }), refusedWith(errorCodes.ERR_NO_DOMAIN));
    await assert.rejects(libvirt.domainGetState({ domain }), refusedWith(errorCodes.ERR_NO_DOMAIN));
  });

  it('a guest runs, pauses, goes on, ends, and its events tell it in order', async () => {
    const { domain: defined } = await define('runner');
    await using events = await libvirt.events('lifecycle', { domain: defined });
    const domain = await libvirt.domainCreateWithFlags({ domain: defined });
    assert.ok(domain.id > 0);
    const { running, paused, shutoff } = domainStates;
    assert.deepEqual(await libvirt.domainGetState({ domain }), {
      state: running,
      reason: stateReasons.running.booted,
    });
    await libvirt.domainSuspend({ domain });
    assert.deepEqual(await libvirt.domainGetState({ domain }), {
      state: paused,
      reason: stateReasons.paused.user,
    });
    await libvirt.domainResume({ domain });
    const info = await libvirt.domainGetInfo({ domain });
    assert.deepEqual([info.state, info.maxMemory, info.vcpus], [running, 65_536n, 1]);
    const [stats] = await libvirt.connectGetAllDomainStats({ domains: [domain], stats: statsTypes.state });
    assert.equal(byField(stats!.params)['state.state'], running);
    await libvirt.domainReset({ domain });
    await assert.rejects(libvirt.domainCreate({ domain }), LibvirtError);
    await libvirt.domainDestroyFlags({ domain });
    assert.deepEqual(await libvirt.domainGetState({ domain }), {
      state: shutoff,
      reason: stateReasons.shutoff.destroyed,
    });
    await libvirt.domainUndefineFlags({ domain });
    const told: string[] = [];
    for await (const { event } of events) {
      told.push(
        Object.entries(lifecycleEvents).find(([, kind]) => kind.event === event)?.[0] ?? String(event),
      );
      if (event === lifecycleEvents.undefined.event) break;
    }
    // QEMU is started stopped and then resumed; it may tell of its end itself before it is stopped.
    assert.deepEqual(
      told.filter((event, index) => event !== 'shutdown' && !(event === 'resumed' && index < 2)),
      ['started', 'suspended', 'resumed', 'stopped', 'undefined'],
    );
  });

  it('keeps metadata of its owner, whatever is in it', async () => {
    const { domain } = await define('noted');
    const uri = 'https://nameplate.test/1';
    const element = { domain, type: metadataTypes.element, uri };
    const metadata = `<note a="1">ü &amp; 🖥</note>`;
    await libvirt.domainSetMetadata({ ...element, metadata, key: 'np' });
    assert.match(await libvirt.domainGetMetadata(element), /ü &amp; 🖥/);
    await libvirt.domainSetMetadata({ ...element, key: 'np' });
    await assert.rejects(libvirt.domainGetMetadata(element), refusedWith(errorCodes.ERR_NO_DOMAIN_METADATA));
    await libvirt.domainUndefineFlags({ domain });
  });

  it('a network is defined, runs, takes a DHCP entry while it runs, and is gone', async () => {
    const uuid = randomUUID();
    const name = `net-${uuid.slice(0, 4)}`;
    const bridge = `<bridge name='${name}'/><ip address='10.66.0.1' prefix='24'/>`;
    const xml = `<network><name>${name}</name><uuid>${uuid}</uuid>${bridge}</network>`;
    const network = await libvirt.networkDefineXML({ xml });
    assert.deepEqual(await libvirt.networkLookupByUUID({ uuid }), { name, uuid });
    assert.ok((await libvirt.connectListAllNetworks()).some((other) => other.uuid === uuid));
    await libvirt.networkSetAutostart({ network, autostart: true });
    await libvirt.networkCreate({ network });
    assert.equal(await libvirt.networkIsActive({ network }), true);
    assert.equal(await libvirt.connectSupportsFeature({ feature: features.networkUpdateOrder }), true);
    const host = `<host mac='52:54:00:66:00:02' name='two' ip='10.66.0.2'/>`;
    const entry = { network, section: networkSections.ipDhcpHost, parentIndex: 0, xml: host };
    const { live, config } = networkUpdateFlags;
    await libvirt.networkUpdate({
      ...entry,
      command: networkUpdateCommands.addLast,
      flags: live | config,
    });
    for (const flags of type === 'qemu' ? [0, networkXmlFlags.inactive] : [0])
      assert.ok((await libvirt.networkGetXMLDesc({ network, flags })).includes(host));
    await libvirt.networkUpdate({ ...entry, command: networkUpdateCommands.delete, flags: live | config });
    assert.ok(!(await libvirt.networkGetXMLDesc({ network })).includes('10.66.0.2'));
    await libvirt.networkDestroy({ network });
    await libvirt.networkUndefine({ network });
    await assert.rejects(libvirt.networkLookupByName({ name }), refusedWith(errorCodes.ERR_NO_NETWORK));
  });

  it('keeps the machine state of a saved guest', async () => {
    const { domain } = await define('saved');
    await libvirt.domainCreate({ domain });
    await libvirt.domainManagedSave({ domain });
    assert.equal(await libvirt.domainHasManagedSaveImage({ domain }), true);
    assert.equal((await libvirt.domainGetState({ domain })).reason, stateReasons.shutoff.saved);
    await assert.rejects(libvirt.domainUndefineFlags({ domain }), LibvirtError);
    await libvirt.domainUndefineFlags({ domain, flags: undefineFlags.managedSave });
  });

  it('refuses bad XML with a libvirt error, and stands', async () => {
    await assert.rejects(libvirt.domainDefineXMLFlags({ xml: '<domain' }), LibvirtError);
    await assert.rejects(
      libvirt.domainDefineXMLFlags({ xml: `<domain type='${type}'/>` }),
      refusedWith(errorCodes.ERR_NO_NAME),
    );
    assert.equal(await libvirt.connectGetType(), type.toUpperCase());
  });

  it('carries hundreds of calls under way at once, each with its own answer', async () => {
    const guests = await Promise.all(Array.from({ length: 30 }, (_, index) => define(`many-${index}`)));
    const texts = await Promise.all(
      Array.from({ length: 600 }, (_, index) =>
        libvirt.domainGetXMLDesc({ domain: guests[index % 30]!.domain }),
      ),
    );
    for (const [index, text] of texts.entries())
      assert.ok(text.includes(`<uuid>${guests[index % 30]!.uuid}<`));
    await Promise.all(guests.map(({ domain }) => libvirt.domainUndefineFlags({ domain })));
  });

  it('answers over TCP as over its socket', async (t) => {
    const relay = createServer((near) => {
      const far = createConnection(host.socket);
      for (const socket of [near, far]) socket.on('error', () => {});
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    t.after(() => relay.close());
    const { port } = relay.address() as { port: number };
    const path = type === 'qemu' ? 'system' : 'default';
    await using overTcp = await connect(`${type}+tcp://127.0.0.1:${port}/${path}`);
    assert.equal(await overTcp.connectGetHostname(), `laws-${type}`);
  });
}

const skip = libvirtHostObstacle() ?? false;

describe('libvirt, test driver', { skip }, () =>
  laws('test', ({ socket }) => `test+unix:///default?socket=${socket}`),
);

describe('libvirt, QEMU driver', { skip }, () => laws('qemu', ({ uri }) => uri));
