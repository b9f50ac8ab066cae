import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type LibvirtHost, libvirtHostObstacle, startLibvirtHost } from '../lab/libvirt-host.ts';
import { boundariesForward, DEATHS, type Death } from './deaths.ts';
import { Trial } from './trial.ts';

const KINDS: readonly Death['kind'][] = ['create-server', 'hard-reboot-server'];

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

  for (const death of DEATHS.filter(({ kind }) => KINDS.includes(kind)))
    describe(`${death.kind} goes on to its end`, () => {
      for (const order of boundariesForward(death.kind))
        it(order.boundary, async () => {
          const id = await trial.dieAndRise(death, order, { status: 'ACTIVE' });
          const { stdout } = await host.exec('virsh', ['dumpxml', id]);
          assert.match(stdout, new RegExp(`<entry name='serial'>${dashed(host.machineId)}<`));
          assert.equal((await host.exec('virsh', ['domstate', id])).stdout.trim(), 'running');
          await trial.verifyCleanSlate(id);
        });
    });
});

function dashed(machineId: string): string {
  return machineId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
