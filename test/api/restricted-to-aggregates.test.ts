import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Answer, type CloudUnderTest, startCloud } from './cloud-under-test.ts';

const MACHINE_ID = '11111111222233334444555555555555';
const AS_SERIAL = '11111111-2222-3333-4444-555555555555';
const FILTERS = [
  'ComputeFilter',
  'ImagePropertiesFilter',
  'AggregateInstanceExtraSpecsFilter',
  'AggregateImagePropertiesIsolation',
];

/**
 * As the specification describes it: each guest its own serial on some hosts, and flavors and images that go
 * there, or may not.
 */
describe('two aggregates, one of a host with sysinfo_serial = unique, one of a host with os', () => {
  let cloud: CloudUnderTest;
  let licensed: string;
  before(async () => {
    cloud = await startCloud(
      [['filter_scheduler', 'enabled_filters', FILTERS.join(', ')]],
      [
        { name: 'plain', serialOption: 'os', machineId: MACHINE_ID },
        { name: 'own', serialOption: 'unique' },
      ],
    );
    await aggregateOf('own', { serial: 'own' });
    await aggregateOf('plain', { serial: 'host', hw_unique_serial: 'false' });
    await flavor('any', {});
    await flavor('to-own', { 'aggregate_instance_extra_specs:serial': 'own' });
    await flavor('to-plain', { 'aggregate_instance_extra_specs:serial': 's== host' });
    licensed = await licensedImage();
  });
  after(() => cloud.close());

  async function asAdmin(method: string, path: string, body?: object): Promise<Answer> {
    const answer = await cloud.compute(method, path, { token: cloud.admin, ...(body && { body }) });
    assert.ok(answer.status < 300, answer.text);
    return answer;
  }

  async function aggregateOf(host: string, metadata: Record<string, string>): Promise<void> {
    const { body } = await asAdmin('POST', '/os-aggregates', { aggregate: { name: `hosts like ${host}` } });
    const action = (what: object) => asAdmin('POST', `/os-aggregates/${body.aggregate.id}/action`, what);
    await action({ add_host: { host } });
    await action({ set_metadata: { metadata } });
  }

  async function flavor(id: string, extra_specs: Record<string, string>): Promise<void> {
    await asAdmin('POST', '/flavors', { flavor: { id, name: id, ram: 64, vcpus: 1, disk: 1 } });
    if (Object.keys(extra_specs).length > 0)
      await asAdmin('POST', `/flavors/${id}/os-extra_specs`, { extra_specs });
  }

  async function licensedImage(): Promise<string> {
    const body = {
      ...{ name: 'licensed', disk_format: 'raw', container_format: 'bare', visibility: 'public' },
      hw_unique_serial: 'true',
    };
    const token = cloud.admin;
    const made = await cloud.ask({ method: 'POST', path: '/image/v2/images', token, body });
    const headers = { 'content-type': 'application/octet-stream' };
    const path = `/image/v2/images/${made.body.id}/file`;
    await cloud.ask({ method: 'PUT', path, token, headers, body: 'x'.repeat(1024) });
    return made.body.id;
  }

  /** Where a server came to be, and the serial that its guest printed. */
  async function made(wish: object) {
    const id = await cloud.server(wish);
    const { body } = await asAdmin('GET', `/servers/${id}`);
    const said = await cloud.compute('POST', `/servers/${id}/action`, {
      body: { 'os-getConsoleOutput': {} },
    });
    const serial = /serial=(\S+)/.exec(said.body?.output ?? '')?.[1];
    const { status, fault, 'OS-EXT-SRV-ATTR:host': host } = body.server;
    return { id, status, fault, host, serial };
  }

  it('a flavor for the one gives servers their own serial there', async () => {
    for (let n = 0; n < 4; n++) {
      const { id, host, serial } = await made({ flavorRef: 'to-own' });
      assert.deepEqual({ host, serial }, { host: 'own', serial: id });
    }
  });

  it("a flavor for the other gives them that host's", async () => {
    for (let n = 0; n < 4; n++) {
      const { host, serial } = await made({ flavorRef: 'to-plain' });
      assert.deepEqual({ host, serial }, { host: 'plain', serial: AS_SERIAL });
    }
  });

  it('an image that asks for its own serial is kept off the other', async () => {
    for (let n = 0; n < 4; n++) {
      const { id, host, serial } = await made({ flavorRef: 'any', imageRef: licensed });
      assert.deepEqual({ host, serial }, { host: 'own', serial: id });
    }
  });

  it('a flavor and an image that exclude each other find no host, and each refusal is told', async () => {
    const { status, fault } = await made({ flavorRef: 'to-plain', imageRef: licensed });
    assert.equal(status, 'ERROR');
    assert.match(fault.message, /^No valid host was found\. /);
    assert.deepEqual(fault.details.split('\n').sort(), [
      "- own: Extra spec aggregate_instance_extra_specs:serial does not fit the host's aggregates, because 'own' does not satisfy 's== host'.",
      "- plain: The image has hw_unique_serial='true'; the host's aggregates take 'false'.",
      'AggregateImagePropertiesIsolation refused 1 of 2 hosts:',
      'AggregateInstanceExtraSpecsFilter refused 1 of 2 hosts:',
    ]);
  });

  it('an administrator who names a host is not let around it', async () => {
    const body = {
      server: {
        ...{ name: 's', imageRef: cloud.image, flavorRef: 'to-own', availability_zone: 'nova:plain' },
        networks: 'none',
      },
    };
    const version = '2.37';
    const asked = await cloud.compute('POST', '/servers', { token: cloud.admin, version, body });
    assert.equal(asked.status, 202, asked.text);
    await cloud.atRest(asked.body.server.id);
    const { body: shown } = await asAdmin('GET', `/servers/${asked.body.server.id}`);
    assert.equal(shown.server.status, 'ERROR');
    assert.match(
      shown.server.fault.details,
      /^AggregateInstanceExtraSpecsFilter refused 1 of 1 host:\n- plain:/,
    );
  });

  it('nor is a user who rebuilds: the guest runs on with the image and the serial that it had', async () => {
    const { id } = await made({ flavorRef: 'to-plain' });
    const asked = await cloud.compute('POST', `/servers/${id}/action`, {
      body: { rebuild: { imageRef: licensed } },
    });
    assert.equal(asked.status, 202);
    const server = await cloud.atRest(id);
    assert.equal(server?.status, 'ACTIVE');
    assert.equal((server?.image as { id?: string } | undefined)?.id, cloud.image);
    const { body } = await asAdmin('GET', `/servers/${id}/os-instance-actions`);
    assert.deepEqual(body.instanceActions.map(({ action, message }: { action: string; message: string }) => [action, message]), [
      ['rebuild', 'Error'],
      ['create', null],
    ]); // biome-ignore format: pairs
  });
});
