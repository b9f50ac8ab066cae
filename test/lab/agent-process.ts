/**
 * An agent with the libvirt driver as a process of its own, for hosts that live in namespaces. What it is to
 * be comes as JSON in its argument, commands over the channel to its parent, with which it ends.
 */
import { createReadStream } from 'node:fs';
import { startAgent } from '../../src/agent/agent.ts';
import type { Bus, CommandHandler } from '../../src/bus/bus.ts';
import { createLibvirtDriver } from '../../src/hypervisor/libvirt/driver.ts';
import type { Command } from '../../src/model/command.ts';
import { asFailure, Failure, type FailureKind } from '../../src/model/failure.ts';
import type { HostName, ImageId } from '../../src/model/ids.ts';
import { LibvirtNetworks } from '../../src/network/libvirt/libvirt-networks.ts';

/** What the agent is to be; paths as its host sees them. */
export interface AgentOfHost {
  readonly host: HostName;
  readonly address: string;
  readonly instancesDir: string;
  readonly cacheDir: string;
  readonly serialOption: 'os' | 'unique';
  /** `[libvirt] cpu_models`, which are then held; absent: `cpu_mode` is not set. */
  readonly heldCpu?: string;
  /** Paths of images' data. */
  readonly images: Readonly<Record<string, string>>;
}

/** What the parent says. */
export type ToAgent =
  | { readonly say: 'ask'; readonly id: number; readonly command: Command }
  | { readonly say: 'give up'; readonly id: number }
  /** Live migrations are at most this fast from now on, MiB/s; 0: no limit. */
  | { readonly say: 'bandwidth'; readonly mib: number }
  /** Whether the data of images is gone. */
  | { readonly say: 'images'; readonly lost: boolean };

/** What the agent says. */
export type FromAgent =
  | { readonly say: 'ready' }
  | { readonly say: 'done'; readonly id: number; readonly reply: unknown }
  | {
      readonly say: 'failed';
      readonly id: number;
      readonly kind: FailureKind;
      readonly message: string;
      readonly operatorText: string;
    };

const settings = JSON.parse(process.argv[2] ?? '') as AgentOfHost;
let imagesLost = false;
const migration = { uri: 'qemu+tcp://%s/system', bandwidthMib: 0, inboundAddress: settings.address };

const driver = await createLibvirtDriver({
  connectionUri: 'qemu:///system',
  instancesDir: settings.instancesDir,
  cacheDir: settings.cacheDir,
  daemonDir: '/run/no-daemon-of-our-own',
  unusedImageAgeMs: 0,
  ...{ virtType: 'qemu', network: { type: 'none' } },
  ...{
    cpuMode: settings.heldCpu ? 'custom' : null,
    cpuModel: settings.heldCpu ?? null,
    holdsCpu: settings.heldCpu !== undefined,
  },
  ...{ vmdkAllowedTypes: [], nameplateVersion: '0.1.0', forceConfigDrive: false, migration },
  images: {
    async open(id: ImageId) {
      const path = settings.images[id];
      if (path === undefined || imagesLost) throw new Failure('not-found', `Image ${id} could not be found.`);
      return createReadStream(path);
    },
  },
  log: () => {},
});

let handle: CommandHandler = async () => undefined;
const notHere = async (): Promise<never> => {
  throw new Error('an agent does not ask this of its bus');
};
const bus: Bus = {
  request: notHere,
  opened: notHere,
  subscribe: notHere,
  publish: async () => undefined,
  close: async () => undefined,
  async serve(_host, handler) {
    handle = handler;
    return async () => undefined;
  },
};

const tell = (message: FromAgent) => process.send?.(message);
const waiting = new Map<number, AbortController>();
process.on('disconnect', () => process.exit());
process.on('message', async (message: ToAgent) => {
  if (message.say === 'bandwidth') migration.bandwidthMib = message.mib;
  else if (message.say === 'images') imagesLost = message.lost;
  else if (message.say === 'give up') waiting.get(message.id)?.abort();
  else {
    const { id, command } = message;
    const givingUp = new AbortController();
    waiting.set(id, givingUp);
    try {
      tell({ say: 'done', id, reply: await handle(command, givingUp.signal) });
    } catch (error) {
      const { kind, message: text, operatorText } = asFailure(error);
      tell({ say: 'failed', id, kind, message: text, operatorText });
    } finally {
      waiting.delete(id);
    }
  }
});

await startAgent({
  network: new LibvirtNetworks({
    calls: driver.link,
    folder: '/var/lib/libvirt/nameplate-ports',
    physicalNetworks: new Map([['physnet', { type: 'bridge', name: 'br-lab' }]]),
  }),
  ...{ bus, driver, host: settings.host, hostIp: settings.address, zone: 'nova', version: '0.1.0' },
  ...{ serialOption: settings.serialOption, machineIdFile: '/etc/machine-id' },
  ...{ diskPort: 0, reportIntervalMs: 600_000, ids: { hypervisorId: '', serviceId: '' } },
  now: Date.now,
  log: () => {},
});
tell({ say: 'ready' });
