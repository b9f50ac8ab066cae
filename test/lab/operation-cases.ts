import type { Server } from '../../src/model/server.ts';
import type { OPERATION_KINDS } from '../../src/operations/requests/service.ts';
import type { Cloud, CloudOptions } from './cloud.ts';
import { HOST } from './cloud-host.ts';
import { flavorOf, imageOf, NO_LIMITS, requester, serverRequest } from './requests.ts';

type KindName = (typeof OPERATION_KINDS)[number]['kind'];

/** One operation, begun from one state: what the laws of all operations are asked of. */
export interface OperationCase {
  readonly name: string;
  readonly kind: KindName;
  /** What brings a server there first; none: there is no server yet. */
  readonly from: readonly Ask[] | null;
  readonly ask: Ask;
  /** What it needs beyond one host. */
  readonly cloud?: Pick<CloudOptions, 'hosts' | 'sharesDisks'>;
}
export type Ask = (cloud: Cloud, server: Server) => Promise<unknown>;

export const LARGE = flavorOf({
  id: 'large',
  vcpus: 2,
  ramMb: 128,
  rootGb: 2,
  extraSpecs: { 'hw:unique_serial': 'true' },
});
export const OWN_SERIAL_IMAGE = imageOf({ name: 'own', properties: { hw_unique_serial: 'yes' } });

export const stop: Ask = ({ operations }, server) => operations.stop(server, requester());
export const pause: Ask = ({ operations }, server) => operations.pause(server, requester());
const suspend: Ask = ({ operations }, server) => operations.suspend(server, requester());
const resize: Ask = ({ operations }, server) =>
  operations.resize(server, { flavor: LARGE, quota: NO_LIMITS }, requester());
const rebuild: Ask = ({ operations }, server) =>
  operations.rebuild(server, { image: OWN_SERIAL_IMAGE }, requester());
const hardReboot: Ask = ({ operations }, server) => operations.reboot(server, 'HARD', requester());
export const remove: Ask = ({ operations }, server) => operations.delete(server, requester());
export const confirm: Ask = ({ operations }, server) => operations.confirmResize(server, requester());
export const revert: Ask = ({ operations }, server) => operations.revertResize(server, requester());

/** Every kind of operation, from every state that makes a difference to its steps. */
export const OPERATION_CASES: readonly OperationCase[] = [
  { name: 'create', kind: 'create-server', from: null, ask: createOne },
  { name: 'delete', kind: 'delete-server', from: [], ask: remove },
  { name: 'delete while resized', kind: 'delete-server', from: [resize], ask: remove },
  { name: 'stop', kind: 'stop-server', from: [], ask: stop },
  { name: 'start', kind: 'start-server', from: [stop], ask: (cloud, server) => cloud.operations.start(server, requester()) },
  { name: 'soft reboot', kind: 'soft-reboot-server', from: [], ask: (cloud, server) => cloud.operations.reboot(server, 'SOFT', requester()) },
  { name: 'hard reboot', kind: 'hard-reboot-server', from: [], ask: hardReboot },
  { name: 'hard reboot of a stopped server', kind: 'hard-reboot-server', from: [stop], ask: hardReboot },
  { name: 'hard reboot of a paused server', kind: 'hard-reboot-server', from: [pause], ask: hardReboot },
  { name: 'hard reboot of a suspended server', kind: 'hard-reboot-server', from: [suspend], ask: hardReboot },
  { name: 'pause', kind: 'pause-server', from: [], ask: pause },
  { name: 'unpause', kind: 'unpause-server', from: [pause], ask: (cloud, server) => cloud.operations.unpause(server, requester()) },
  { name: 'suspend', kind: 'suspend-server', from: [], ask: suspend },
  { name: 'resume', kind: 'resume-server', from: [suspend], ask: (cloud, server) => cloud.operations.resume(server, requester()) },
  { name: 'rebuild', kind: 'rebuild-server', from: [], ask: rebuild },
  { name: 'rebuild of a stopped server', kind: 'rebuild-server', from: [stop], ask: rebuild },
  { name: 'resize', kind: 'resize-server', from: [], ask: resize },
  { name: 'resize of a stopped server', kind: 'resize-server', from: [stop], ask: resize },
  { name: 'confirm resize', kind: 'confirm-resize', from: [resize], ask: confirm },
  { name: 'confirm resize of a stopped server', kind: 'confirm-resize', from: [stop, resize], ask: confirm },
  { name: 'revert resize', kind: 'revert-resize', from: [resize], ask: revert },
  { name: 'revert resize of a stopped server', kind: 'revert-resize', from: [stop, resize], ask: revert },
]; // biome-ignore format: a table

/** Makes a server: where there are several hosts, on the first. */
export async function createOne(cloud: Cloud): Promise<Server> {
  const host = cloud.hosts.size > 1 ? HOST : null;
  const [server] = await cloud.operations.createServers(serverRequest({ host }), requester());
  return server!;
}

/** A server in the state that a case begins from; undefined where it begins with none. */
export async function serverFor(cloud: Cloud, { from }: OperationCase): Promise<Server | undefined> {
  if (from === null) return undefined;
  const { id } = await createOne(cloud);
  await cloud.idle();
  for (const ask of from) {
    await ask(cloud, await cloud.server(id));
    await cloud.idle();
  }
  return cloud.server(id);
}

/** Begins the case's operation. @returns the server it is about */
export async function begin(cloud: Cloud, of: OperationCase, server: Server | undefined): Promise<Server> {
  if (server === undefined) return createOne(cloud);
  await of.ask(cloud, server);
  return server;
}

/** A server that has been made, at rest. */
export async function activeServer(cloud: Cloud): Promise<Server> {
  const { id } = await createOne(cloud);
  await cloud.idle();
  return cloud.server(id);
}
