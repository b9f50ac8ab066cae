import { samplePlan } from '../../src/hypervisor/libvirt/sample-plan.ts';
import {
  type AgentEvent,
  type Command,
  GUEST_COMMANDS,
  type GuestCommand,
  type Verb,
} from '../../src/model/command.ts';
import type { HostName, OperationId, ServerId } from '../../src/model/ids.ts';
import { sampleHost } from '../laws/sample-host.ts';
import { samplePort } from './sample-port.ts';

const plan = samplePlan();
const port = samplePort();
const server = plan.serverId;
const operation = '5e51a1b2-0000-4000-8000-000000000002' as OperationId;
const offer = { address: '192.0.2.1', port: 8775, identity: 'offer-1', key: 'a'.repeat(64) };
const images = { [plan.image.id]: 'http://192.0.2.9:8774/nameplate/v1/image-data/x?until=1&key=k' };

const contents = { [plan.image.id]: { sha512: 'b'.repeat(128), md5: 'c'.repeat(32), size: 1024 } };

/** A command of each verb. */
export const SAMPLE_COMMANDS: { readonly [V in Verb]: Command<V> } = {
  'create-disks': { verb: 'create-disks', plan, from: 'image', images, contents },
  'cache-image': { verb: 'cache-image', image: plan.image, images: null },
  'delete-disks': { verb: 'delete-disks', server, set: 'all' },
  define: { verb: 'define', plan, operation },
  'restore-definition': { verb: 'restore-definition', server, operation },
  'forget-definition': { verb: 'forget-definition', server, operation },
  shutdown: { verb: 'shutdown', server, timeoutMs: 60_000 },
  'soft-reboot': { verb: 'soft-reboot', server, timeoutMs: 60_000 },
  'machine-identity': { verb: 'machine-identity', server },
  'read-guest': { verb: 'read-guest', server },
  observe: { verb: 'observe', server },
  'console-log': { verb: 'console-log', server, lines: 10 },
  ...namesGuestOnly(),
  'offer-disks': { verb: 'offer-disks', server, set: 'first', purpose: 'move' },
  'fetch-disks': { verb: 'fetch-disks', plan, offer, contents, images: null },
  'mark-disks': { verb: 'mark-disks', server, mark: 'on-kant' },
  'sees-mark': { verb: 'sees-mark', server, mark: operation },
  'remove-mark': { verb: 'remove-mark', server, mark: operation },
  'prepare-live': { verb: 'prepare-live', plan, disks: 'copied' },
  'migrate-live': { verb: 'migrate-live', server, destination: '192.0.2.2', disks: 'shared' },
  'live-progress': { verb: 'live-progress', server },
  'abort-live': { verb: 'abort-live', server },
  'force-live': { verb: 'force-live', server },
  'plug-ports': { verb: 'plug-ports', server, ports: [port] },
  'unplug-ports': { verb: 'unplug-ports', server },
  'attach-port': { verb: 'attach-port', plan: { ...plan, ports: [port] }, port: port.id },
  'detach-port': { verb: 'detach-port', server, port: port.id, mac: port.mac },
};

export const SAMPLE_HOST_NAME = 'kant' as HostName;
const input = { input: 'host', value: 'os' } as const;
const progress = { memoryTotal: 3, memoryProcessed: 2, memoryRemaining: 1 };

const machine = {
  smbios: { manufacturer: 'M', product: 'P', version: '1', family: 'F' },
  machineType: 'pc-i440fx-7.2',
  diskSerials: { root: 'r' },
  addresses: { 'disk/root': '0000:00:04.0' },
  controllers: [{ type: 'pci', index: 0, model: 'pci-root', modelName: null, target: {}, address: null }],
};

/** A reply to each command that has one. */
export const SAMPLE_REPLIES: { readonly [V in Verb]?: object | string | boolean } = {
  define: {
    ...{ decided: true, serial: '0123', source: 'os', because: [input], overruled: [] },
    host: SAMPLE_HOST_NAME,
  },
  shutdown: true,
  'soft-reboot': false,
  'machine-identity': machine,
  'read-guest': { uuid: server, serial: '0123', macs: ['fa:16:3e:00:00:01'], machine },
  observe: { serverId: server, power: 'running' },
  'console-log': 'login:',
  'offer-disks': offer,
  'sees-mark': false,
  'prepare-live': '192.0.2.2',
  'live-progress': { ...progress, diskTotal: 0, diskProcessed: 0, diskRemaining: 0 },
};

/** An event of each kind. */
export const SAMPLE_EVENTS: readonly AgentEvent[] = [
  {
    type: 'host',
    report: sampleHost(SAMPLE_HOST_NAME, {
      machineId: { state: 'read', file: '/etc/machine-id', text: '0123456789abcdef0123456789abcdef\n' },
      cpuInfo: { model: 'x', vendor: null, topology: { sockets: 1, cores: 4 }, features: ['aes'] },
      instancesPath: '/var/lib/nameplate',
      uptime: { bootedAt: 1, loadAverage: [0.1, 0.2, 0.3] },
    }),
  },
  { type: 'guest', host: SAMPLE_HOST_NAME, guest: { serverId: server, power: 'running' } },
  { type: 'inventory', host: SAMPLE_HOST_NAME, servers: [{ serverId: server as ServerId, sets: ['first'] }] },
];

function namesGuestOnly(): { readonly [V in GuestCommand]: Command<V> } {
  const commands = Object.keys(GUEST_COMMANDS).map((verb) => [verb, { verb, server }]);
  return Object.fromEntries(commands);
}
