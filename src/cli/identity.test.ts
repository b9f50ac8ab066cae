import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runCli } from '../../test/lab/run-cli.ts';
import { sampleHost } from '../../test/laws/sample-host.ts';
import { sampleServer } from '../../test/laws/sample-server.ts';
import type { HostName } from '../model/ids.ts';
import { openStore } from '../store/open.ts';

const machine = {
  smbios: null,
  ...{ machineType: 'pc-i440fx-7.2', diskSerials: { root: 'root-serial' } },
  ...{ addresses: {}, controllers: [] },
};
const { flavor, image } = sampleServer();
const server = sampleServer({
  ...{ host: 'kant' as HostName, machine, machineTimes: { first: 1_000, changed: {} } },
  ...{ flavor: { ...flavor, ephemeralGb: 0, swapMb: 0 }, image: { ...image, properties: {} } },
  ...{ configDrive: false, reads: { since: 2_000, values: { 'disk.root.serial': 'edited' } } },
});

describe('nameplate identity', () => {
  let stateDir: string;

  before(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'np-identity-'));
    const store = await openStore({ connection: `sqlite:///${stateDir}/nameplate.sqlite` });
    await store.servers.insert(server);
    const platforms = (machineType: string) => ({
      platforms: { machineTypes: [machineType], firmware: [] },
    });
    await store.hosts.report(sampleHost('kant', platforms('pc-i440fx-7.2')));
    await store.hosts.report(sampleHost('hegel', platforms('pc-i440fx-6.2')));
    await store.close();
  });
  after(() => rm(stateDir, { recursive: true }));

  const run = async (...words: string[]) => (await runCli(['identity', ...words], stateDir)).said;

  it('shows each value: what the guest reads, what was decided, since when, and what waits', async () => {
    const said = await run('show', server.id.toUpperCase());
    assert.match(said, /^machine_type +pc-i440fx-7\.2 +1970-01-01T00:00:01\.000Z$/m);
    assert.match(said, /^disk\.root\.serial +edited +root-serial +1970-01-01T00:00:02\.000Z +root-serial$/m);
  });

  it('previews what a move to each host would do, or to one host', async () => {
    const said = await run('preview', server.id);
    assert.match(said, /^kant +changes +disk\.root\.serial +root-serial +The guest was started from/m);
    assert.match(
      said,
      /^hegel +refuses +machine_type +is refused +The machine type is to be pc-i440fx-7\.2/m,
    );
    assert.doesNotMatch(await run('preview', server.id, '--host', 'hegel'), /kant/);
  });

  it('audits all servers', async () => {
    const said = await run('audit');
    assert.match(
      said,
      new RegExp(`^deviates +${server.id} +disk\\.root\\.serial +edited +decided: root-serial$`, 'm'),
    );
    assert.match(said, new RegExp(`^pending +${server.id} +disk\\.root\\.serial +edited +root-serial$`, 'm'));
  });

  it('refuses a server or a host that there is not', async () => {
    await assert.rejects(run('show', 'nobody'), /Instance nobody could not be found/);
    await assert.rejects(
      run('preview', server.id, '--host', 'nietzsche'),
      /Compute host nietzsche could not be found/,
    );
  });
});
