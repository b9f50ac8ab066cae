/**
 * Calls per second of `domainGetXMLDesc` by libvirt-rpc, beside python3-libvirt (the C library) in a loop, on
 * the same private libvirtd, in turns. Prints one JSON line a figure. Target: libvirt-rpc at least twice as
 * many.
 *
 *   node bench/libvirt-rpc.ts
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { connect, type Domain, type Libvirt } from 'libvirt-rpc';
import { startLibvirtHost } from '../test/lab/libvirt-host.ts';

const run = promisify(execFile);
const rounds = 3;
const calls = 6_000;
const underWay = 64;
const guests = 16;

/** Debian's python3-libvirt is for Debian's python3. */
const pythonLoop = `
import libvirt, sys, time
connection = libvirt.open(sys.argv[1])
domains = [connection.lookupByName('bench%d' % number) for number in range(int(sys.argv[2]))]
start = time.perf_counter()
for index in range(int(sys.argv[3])):
    domains[index % len(domains)].XMLDesc()
print(int(sys.argv[3]) / (time.perf_counter() - start))
`;

function guestXml(number: number): string {
  return `<domain type='qemu'><name>bench${number}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
    <os><type arch='x86_64'>hvm</type></os><devices><serial type='pty'/></devices></domain>`;
}

async function pipelined(libvirt: Libvirt, domains: readonly Domain[]): Promise<number> {
  let next = 0;
  const caller = async () => {
    while (next < calls) {
      const domain = domains[next++ % domains.length];
      if (domain !== undefined) await libvirt.domainGetXMLDesc({ domain });
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: underWay }, caller));
  return calls / ((performance.now() - start) / 1000);
}

async function python(uri: string, count: number): Promise<number> {
  const { stdout } = await run('/usr/bin/python3', ['-c', pythonLoop, uri, String(count), String(calls)]);
  return Number(stdout);
}

/** One figure a line; the peer's beside it, and their ratio, from the median round of each. */
function print(name: string, ours: readonly number[], theirs: readonly number[]): void {
  const [value, peer] = [median(ours), median(theirs)];
  const line = {
    name,
    unit: 'calls/s',
    value: Math.round(value),
    peer: Math.round(peer),
    ratio: value / peer,
  };
  console.log(JSON.stringify({ ...line, ratio: Number(line.ratio.toFixed(2)) }));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const host = await startLibvirtHost({ name: 'bench' });
try {
  await using libvirt = await connect(host.uri);
  const domains: Domain[] = [];
  for (let number = 0; number < guests; number++)
    domains.push(await libvirt.domainDefineXMLFlags({ xml: guestXml(number) }));
  for (const count of [guests, 1]) {
    const chosen = domains.slice(0, count);
    await pipelined(libvirt, chosen); // both sides warm
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await pipelined(libvirt, chosen));
      theirs.push(await python(host.uri, count));
    }
    print(`libvirt-rpc: get XML of ${count} guest${count === 1 ? '' : 's'}, pipelined`, ours, theirs);
  }
} finally {
  await host.stop();
}
