import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, xmlFlags } from 'libvirt-rpc';
import { ComputeClient } from '../test/lab/compute-client.ts';
import { startLibvirtHost } from '../test/lab/libvirt-host.ts';
import { makeStateDir, removeStateDir, startTestService } from '../test/lab/service.ts';

/**
 * A server from POST to ACTIVE on real QEMU, beside `virsh define` and `virsh start` of the same definition
 * and disk, in turn on one libvirt host. Target: at most 1.10 times the latter and 30 ms. Prints one JSON
 * line a figure, milliseconds.
 */
const ROUNDS = Number(process.argv[2] ?? 15);
const run = promisify(execFile);

const host = await startLibvirtHost({ name: 'bench' });
const stateDir = await makeStateDir();
const service = await startTestService({
  stateDir,
  settings: { libvirt: { connection_uri: host.uri, virt_type: 'qemu' } },
});
const libvirt = await connect(host.uri);
try {
  const client = await ComputeClient.login(service.url, 2);
  const imageRef = await client.imageId('nameplate-demo');
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const begun = performance.now();
    const id = await client.createServer({ name: 'bench', imageRef, flavorRef: '3' });
    await client.rests(id, 'ACTIVE');
    const created = performance.now() - begun;

    const domain = await libvirt.domainLookupByUUID({ uuid: id });
    const xml = await libvirt.domainGetXMLDesc({ domain, flags: xmlFlags.inactive });
    const file = join(stateDir, 'bench.xml');
    await writeFile(file, xml);
    await libvirt.domainDestroyFlags({ domain, flags: 0 });
    await libvirt.domainUndefineFlags({ domain, flags: 0 });
    const virsh = (...words: string[]) => run('virsh', ['-q', '-c', host.uri, ...words]);
    const rawBegun = performance.now();
    await virsh('define', file);
    await virsh('start', domain.name);
    const raw = performance.now() - rawBegun;
    await client.gone(id);
    if (round < 0) continue; // the first fills caches on both sides
    ours.push(created);
    theirs.push(raw);
  }
  const [create, raw] = [median(ours), median(theirs)];
  console.log(
    JSON.stringify({
      what: 'create to ACTIVE, real QEMU, p50',
      ms: create,
      virsh: raw,
      atMost: 1.1 * raw + 30,
    }),
  );
} finally {
  await libvirt.close();
  await service.close();
  await host.stop();
  await removeStateDir(stateDir);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
