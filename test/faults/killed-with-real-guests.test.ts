import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { leftOnHost } from '../lab/left-on-host.ts';
import { type LibvirtHost, libvirtHostObstacle, startLibvirtHost } from '../lab/libvirt-host.ts';
import { boundariesForward, DEATHS, type Death } from './deaths.ts';
import { Trial } from './trial.ts';

/** All kinds at all boundaries in runs that may take their time. */
const isLong = process.env.NAMEPLATE_LONG === '1';
const KINDS: readonly Death['kind'][] = ['create-server', 'hard-reboot-server'];
const isKilled = ({ kind }: Death) => isLong || KINDS.includes(kind);

const options = { skip: libvirtHostObstacle() ?? false, timeout: 300_000 };
describe('the process killed with SIGKILL at every step boundary, with real guests', options, () => {
  let host: LibvirtHost;
  let trial: Trial;

  before(async () => {
    host = await startLibvirtHost({ name: 'mortal' });
    const stateDir = join(host.shared, 'state');
    trial = new Trial({
      stateDir,
      settings: {
        nameplate: { driver: 'libvirt', machine_id_file: host.machineIdFile },
        libvirt: { connection_uri: host.uri },
      },
      async leftOf(server) {
        const { stdout } = await host.exec('virsh', ['list', '--all', '--uuid']);
        const domains = stdout.split('\n').filter((uuid) => uuid === server);
        const files = (await readdir(join(stateDir, 'instances'))).filter((name) => name === server);
        const { stdout: variables } = await host.exec('sh', ['-c', 'ls /var/lib/libvirt/qemu/nvram || true']);
        return [
          ...domains.map((uuid) => `domain ${uuid}`),
          ...files.map((name) => `files in ${name}`),
          ...variables.split('\n').filter((name) => name !== ''),
          ...(await leftOnHost(host)),
          ...(await readdir(join(stateDir, 'ports'))), // one server is there at a time
        ];
      },
    });
  });
  after(async () => {
    try {
      await trial?.close();
    } finally {
      await host?.stop();
    }
  });

  /** With the host's serial, and on its port. */
  async function runsAsItShould(id: string): Promise<void> {
    const { stdout } = await host.exec('virsh', ['dumpxml', id]);
    assert.match(stdout, new RegExp(`<entry name='serial'>${dashed(host.machineId)}<`));
    const [port] = await (await trial.client()).portsOf(id);
    assert.ok(port !== undefined && stdout.includes(`<mac address='${port.mac_address}'/>`), 'on its port');
    assert.equal((await host.exec('virsh', ['domstate', id])).stdout.trim(), 'running');
  }

  for (const death of DEATHS.filter(isKilled))
    describe(`${death.kind} goes on to its end`, () => {
      for (const order of boundariesForward(death.kind))
        it(order.boundary, async () => {
          const status = death.request[1];
          const id = await trial.dieAndRise(death, order, { status });
          if (KINDS.includes(death.kind)) await runsAsItShould(id);
          await trial.verifyCleanSlate(id);
        });
    });
});

function dashed(machineId: string): string {
  return machineId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
