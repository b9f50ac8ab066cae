import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ComputeClient } from '../lab/compute-client.ts';
import { type LibvirtHost, libvirtHostObstacle, startLibvirtHost } from '../lab/libvirt-host.ts';
import { startTestService, type TestService, type TestSettings } from '../lab/service.ts';

const options = { skip: libvirtHostObstacle() ?? false, timeout: 240_000 };

describe('a real host that loses power', options, () => {
  let host: LibvirtHost;
  let service: TestService;
  let client: ComputeClient;

  const start = async (settings: TestSettings) => {
    service = await startTestService({
      stateDir: join(host.shared, 'state'),
      settings: {
        DEFAULT: { instances_path: join(host.shared, 'instances'), ...settings.DEFAULT },
        nameplate: { driver: 'libvirt', machine_id_file: host.machineIdFile },
        libvirt: { connection_uri: host.uri, ...settings.libvirt },
      },
    });
    client = await ComputeClient.login(service.url, 20);
  };
  const powerFailure = async (settings: TestSettings) => {
    await service.close(); // its agent would be gone with the host
    await host.powerCycle();
    await start(settings);
  };
  const domain = async (id: string, command: string) =>
    (await host.exec('virsh', [command, id])).stdout.trim();
  const serialOf = async (id: string) => /<entry name='serial'>(.*)</.exec(await domain(id, 'dumpxml'))?.[1];
  const actionsOf = async (id: string) => {
    const { instanceActions } = (await client.ask('GET', `/servers/${id}/os-instance-actions`)) as {
      instanceActions: { action: string }[];
    };
    return instanceActions.map(({ action }) => action);
  };

  before(async () => {
    host = await startLibvirtHost({ name: 'powerless' });
    await start({ libvirt: { sysinfo_serial: 'os' } });
  });
  after(async () => {
    await service?.close();
    await host?.stop();
  });

  it('starts what ran on it, each with its serial decided anew, and nothing else; without the option all is off', async () => {
    const imageRef = await client.imageId('nameplate-demo');
    const create = (name: string) => client.createServer({ name, imageRef, flavorRef: '1' });
    const [runs, stopped] = [await create('runs'), await create('stopped')];
    for (const id of [runs, stopped]) await client.rests(id, 'ACTIVE');
    await client.ask('POST', `/servers/${stopped}/action`, { 'os-stop': null });
    await client.rests(stopped, 'SHUTOFF');
    const before = await serialOf(runs);
    assert.notEqual(before, runs);

    await powerFailure({
      DEFAULT: { resume_guests_state_on_host_boot: 'true' },
      libvirt: { sysinfo_serial: 'unique' },
    });
    while ((await actionsOf(runs))[0] !== 'start') await client.show(runs);
    await client.rests(runs, 'ACTIVE');
    assert.equal(await domain(runs, 'domstate'), 'running');
    assert.equal(await serialOf(runs), runs, 'the serial was decided anew');
    assert.equal(await domain(stopped, 'domstate'), 'shut off');
    assert.deepEqual(await actionsOf(runs), ['start', 'create']);
    assert.deepEqual(await actionsOf(stopped), ['stop', 'create']);

    await powerFailure({ libvirt: { sysinfo_serial: 'unique' } });
    await client.rests(runs, 'SHUTOFF');
    assert.equal(await domain(runs, 'domstate'), 'shut off');
    assert.deepEqual(await actionsOf(runs), ['start', 'create']);
  });
});
