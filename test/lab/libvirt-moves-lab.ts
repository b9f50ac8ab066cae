import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDemoImage, DEMO_IMAGE_COMMAND_LINE } from '../../demo-image/build.ts';
import { samplePlan } from '../../src/hypervisor/libvirt/sample-plan.ts';
import type { Command, Verb } from '../../src/model/command.ts';
import type { HostName, ImageId, ServerId } from '../../src/model/ids.ts';
import type { MovesLab } from '../laws/moves-lab.ts';
import { type AgentOnHost, startAgentOnHost } from './agent-on-host.ts';
import { contentOfFile } from './content-of-file.ts';
import type { SerialLine } from './guest-shell.ts';
import { type LibvirtHosts, type SwitchedHost, startLibvirtHosts } from './libvirt-hosts.ts';
import { typeOnSerialLine } from './type-on-serial-line.ts';

import { markVariables, variablesIn } from './uefi-variables.ts';

/** MiB/s: its disk of 1 GiB, or its memory alone, takes the demo guest more than some seconds. */
const SLOW_MIB = { copied: 64, shared: 16 };

/** The bridge of a host that is on the switch. */
const LAB_BRIDGE = 'br-lab';

/** Two real hosts, and ways to break them. */
export interface LibvirtMovesLab extends MovesLab {
  /** The folder of guests' files, as the hosts name it. */
  readonly instancesDir: string;
  hostOf(name: HostName): SwitchedHost;
  /** The serial line of a guest that runs on a host. */
  serialLine(name: HostName, server: ServerId): SerialLine;
  /** All that a guest has printed. */
  printed(name: HostName, server: ServerId): Promise<string>;
  /** Names of the networks and filters that a host has for ports. */
  portsLeft(name: HostName): Promise<string[]>;
  /** Ends the agent as a crash does, and starts another. */
  restartAgent(name: HostName): Promise<void>;
}

/** Starts two libvirt hosts with an agent on each, and the demo image. */
export async function openLibvirtMovesLab({
  sharesDisks,
  bridged = false,
  heldCpus = [],
}: {
  sharesDisks: boolean;
  /** Both hosts are on the switch by a bridge of their own. */
  bridged?: boolean;
  /** By host: the CPU model of its new guests; all guests keep theirs. */
  heldCpus?: readonly string[];
}): Promise<LibvirtMovesLab> {
  const lab = await startLibvirtHosts({ count: 2 });
  try {
    if (bridged) for (const host of lab.hosts) await bridge(host);
    return await labOn(lab, { sharesDisks, heldCpus });
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

/** Makes a bridge of the host's wire, which takes its address over. */
async function bridge(host: SwitchedHost): Promise<void> {
  const commands = [
    `ip link add ${LAB_BRIDGE} type bridge`,
    `ip link set ${LAB_BRIDGE} up`,
    'ip address flush dev eth0',
    `ip link set eth0 master ${LAB_BRIDGE}`,
    `ip address add ${host.address}/24 dev ${LAB_BRIDGE}`,
  ];
  await host.exec('sh', ['-ec', commands.join('; ')]);
}

async function labOn(
  lab: LibvirtHosts,
  { sharesDisks, heldCpus }: { sharesDisks: boolean; heldCpus: readonly string[] },
): Promise<LibvirtMovesLab> {
  // A folder that each host has of its own under the same path, or one that both see.
  const own = '/var/lib/libvirt/nameplate';
  const instancesDir = sharesDisks ? join(lab.shared, 'instances') : `${own}/instances`;
  const { paths, ...about } = await demoImage();
  const start = (host: SwitchedHost) =>
    startAgentOnHost(host, {
      ...{ host: host.name as HostName, address: host.address, instancesDir, serialOption: 'os' },
      cacheDir: sharesDisks ? join(lab.shared, 'images') : `${own}/images`,
      images: paths,
      ...heldCpuOf(heldCpus[lab.hosts.indexOf(host)]),
    });
  const [first, second] = lab.hosts as [SwitchedHost, SwitchedHost];
  const agents = new Map<HostName, { host: SwitchedHost; agent: AgentOnHost }>();
  for (const host of [first, second]) agents.set(host.name as HostName, { host, agent: await start(host) });
  const at = (name: HostName) => agents.get(name) as { host: SwitchedHost; agent: AgentOnHost };
  const serialIn = async (name: HostName, server: ServerId, ...flags: string[]) => {
    const xml = await at(name)
      .host.exec('virsh', ['dumpxml', ...flags, server])
      .catch(() => undefined);
    return xml === undefined ? undefined : (/<entry name='serial'>([^<]*)</.exec(xml.stdout)?.[1] ?? null);
  };
  const folderOf = (name: HostName) => (sharesDisks ? instancesDir : join(at(name).host.root, instancesDir));
  const printed = (name: HostName, server: ServerId) =>
    at(name).agent.ask({ verb: 'console-log', server, lines: null });
  return {
    hosts: [first.name as HostName, second.name as HostName],
    hostSerials: [serialOf(first.machineId), serialOf(second.machineId)],
    ...{ sharesDisks, instancesDir, ...about },
    ask: <V extends Verb>(host: HostName, command: Command & { verb: V }, signal?: AbortSignal) =>
      at(host).agent.ask<V>(command, signal),
    setImagesLost(lost) {
      for (const { agent } of agents.values()) agent.tell({ say: 'images', lost });
    },
    setSlow(slow) {
      for (const { agent } of agents.values())
        agent.tell({ say: 'bandwidth', mib: slow ? SLOW_MIB[sharesDisks ? 'shared' : 'copied'] : 0 });
    },
    definedSerial: (host, server) => serialIn(host, server, '--inactive'),
    runningSerial: (host, server) => serialIn(host, server),
    async filesOf(name, server) {
      return (await readdir(join(folderOf(name), server)).catch(() => [])).sort();
    },
    markVariables: (name, server, set) => markVariables(join(folderOf(name), server, set, 'nvram.fd')),
    variablesOf: (name, server, set) => variablesIn(join(folderOf(name), server, set, 'nvram.fd')),
    hostOf: (name) => at(name).host,
    printed,
    serialLine: (name, server) => ({
      printed: () => printed(name, server),
      type: (text) => typeOnSerialLine(at(name).host, { server, text }),
    }),
    async portsLeft(name) {
      const { stdout } = await at(name).host.exec('sh', [
        '-c',
        'virsh net-list --all; virsh nwfilter-list; ls /var/lib/libvirt/nameplate-ports',
      ]);
      return stdout.match(/nameplate-\S+|\S+\.json/g) ?? [];
    },
    async restartAgent(name) {
      const { host, agent } = at(name);
      await agent.stop();
      agents.set(name, { host, agent: await start(host) });
    },
    async close() {
      for (const { agent } of agents.values()) await agent.stop();
      await lab.stop();
    },
  };
}

function heldCpuOf(heldCpu: string | undefined): { heldCpu?: string } {
  return heldCpu === undefined ? {} : { heldCpu };
}

function serialOf(machineId: string): string {
  return machineId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

async function demoImage(): Promise<
  Pick<MovesLab, 'image' | 'contents' | 'ramMb'> & { paths: Record<string, string> }
> {
  const demo = await buildDemoImage({ cacheDir: join(tmpdir(), 'nameplate-demo-image'), log: () => {} });
  const [id, kernelId, ramdiskId] = [randomUUID(), randomUUID(), randomUUID()] as [ImageId, ImageId, ImageId];
  const disk = await contentOfFile(demo.disk);
  const record = { checksum: disk.md5, hashValue: disk.sha512, size: disk.size };
  const properties = { os_command_line: DEMO_IMAGE_COMMAND_LINE };
  const about = { ...record, id, kernelId, ramdiskId, properties, diskFormat: 'raw' } as const;
  return {
    image: { ...samplePlan().image, ...about },
    contents: {
      [id]: disk,
      [kernelId]: await contentOfFile(demo.kernel),
      [ramdiskId]: await contentOfFile(demo.ramdisk),
    },
    paths: { [id]: demo.disk, [kernelId]: demo.kernel, [ramdiskId]: demo.ramdisk },
    ramMb: demo.minRamMb,
  };
}
