import type { Server } from '../../src/model/server.ts';
import { deleteServer } from '../../src/operations/kinds/delete-server.ts';
import type { OperationName } from '../../src/operations/kinds/operation-kinds.ts';
import {
  pauseServer,
  resumeServer,
  startServer,
  stopServer,
  suspendServer,
  triggerCrashDump,
  unpauseServer,
} from '../../src/operations/kinds/power-server.ts';
import { hardRebootServer, softRebootServer } from '../../src/operations/kinds/reboot-server.ts';
import { rebuildServer } from '../../src/operations/kinds/rebuild-server.ts';
import { confirmResize, resizeServer, revertResize } from '../../src/operations/kinds/resize-server.ts';
import { type CaseRequest, caseRequest, simpleRequest } from './case-request.ts';
import type { Cloud, CloudOptions } from './cloud.ts';
import { HOST } from './cloud-host.ts';
import { attach, detach, portWish } from './port-requests.ts';
import { flavorOf, imageOf, requester, serverRequest } from './requests.ts';

/** One operation, begun from one state: what the laws of all operations are asked of. */
export interface OperationCase {
  readonly name: string;
  readonly kind: OperationName;
  /** What brings a server there first; none: there is no server yet. */
  readonly from: readonly CaseRequest[] | null;
  readonly ask: CaseRequest;
  /** The first release that has the operation; 0.1.0 unless given. */
  readonly since?: string;
  /** What it needs beyond one host. */
  readonly cloud?: Pick<CloudOptions, 'hosts' | 'sharesDisks'>;
}
interface CaseOnOneHost extends Omit<OperationCase, 'kind'> {
  readonly way: Way;
}
/** Operations that need two hosts: their cases are in `move-cases.ts`. */
export type MoveName = 'migrate-server' | 'live-migrate-server' | 'evacuate-server';

type Case = Omit<OperationCase, 'kind'>;
/** At least one case for each of these operations. */
export type CasesOf<Name extends OperationName, Of = Case> = Readonly<Record<Name, readonly [Of, ...Of[]]>>;

/**
 * Where an operation leads. `decided`: the serial that it decided anew, or '-' where it is kept; `runsOn`:
 * the serial of the guest as it runs (or whose memory is saved); `sets`: the number of disk sets; `boots`:
 * how often the set that the server is on was booted.
 */
export type Way = readonly [
  vmState: Server['vmState'],
  power: Server['powerState'],
  decided: 'host' | 'own' | '-',
  runsOn: 'host' | 'own' | '-',
  sets: number,
  boots: number,
];

export function listed<Of extends Case>(
  cases: Partial<CasesOf<OperationName, Of>>,
): (Of & Pick<OperationCase, 'kind'>)[] {
  return Object.entries(cases).flatMap(([kind, each]) =>
    each.map((of) => ({ ...of, kind: kind as OperationName })),
  );
}

export const LARGE = flavorOf({
  id: 'large',
  vcpus: 2,
  ramMb: 128,
  rootGb: 2,
  extraSpecs: { 'hw:unique_serial': 'true' },
});
export const OWN_SERIAL_IMAGE = imageOf({ name: 'own', properties: { hw_unique_serial: 'yes' } });

const create = caseRequest('create', createOne, 'active');
export const stop = simpleRequest(stopServer, 'os-stop', 'stopped');
export const pause = simpleRequest(pauseServer, 'pause', 'paused');
const suspend = simpleRequest(suspendServer, 'suspend', 'suspended');
const resize = caseRequest(
  { resize: { flavorRef: 'large' } },
  ({ operations }, server) => operations.start(resizeServer, server, { flavor: LARGE }, requester()),
  'resized',
);
const rebuild = caseRequest({ rebuild: { imageRef: 'own' } }, ({ operations }, server) =>
  operations.start(rebuildServer, server, { image: OWN_SERIAL_IMAGE }, requester()),
);
const softReboot = caseRequest({ reboot: { type: 'SOFT' } }, ({ operations }, server) =>
  operations.start(softRebootServer, server, {}, requester()),
);
const hardReboot = caseRequest({ reboot: { type: 'HARD' } }, ({ operations }, server) =>
  operations.start(hardRebootServer, server, {}, requester()),
);
export const remove = caseRequest('delete', ({ operations }, server) =>
  operations.start(deleteServer, server, {}, requester()),
);
export const confirm = simpleRequest(confirmResize, 'confirmResize');
export const revert = simpleRequest(revertResize, 'revertResize');

/**
 * Every operation on one host, from every state that makes a difference to its steps: one without a case does
 * not compile.
 */
const CASES = {

  'create-server': [
    { name: 'create', way: ['active', 'running', 'host', 'host', 1, 1], from: null, ask: create },
  ],
  'delete-server': [
    { name: 'delete', way: ['deleted', 'nostate', '-', '-', 0, 0], from: [], ask: remove },
    { name: 'delete while resized', way: ['deleted', 'nostate', '-', '-', 0, 0], from: [resize], ask: remove },
  ],
  'stop-server': [
    { name: 'stop', way: ['stopped', 'shutdown', '-', '-', 1, 1], from: [], ask: stop },
  ],
  'start-server': [
    { name: 'start', way: ['active', 'running', 'host', 'host', 1, 2], from: [stop], ask: simpleRequest(startServer, 'os-start') },
  ],
  'soft-reboot-server': [
    { name: 'soft reboot', way: ['active', 'running', '-', 'host', 1, 2], from: [], ask: softReboot },
  ],
  'hard-reboot-server': [
    { name: 'hard reboot', way: ['active', 'running', 'host', 'host', 1, 2], from: [], ask: hardReboot },
    { name: 'hard reboot of a stopped server', way: ['active', 'running', 'host', 'host', 1, 2], from: [stop], ask: hardReboot },
    { name: 'hard reboot of a paused server', way: ['active', 'running', 'host', 'host', 1, 2], from: [pause], ask: hardReboot },
    { name: 'hard reboot of a suspended server', way: ['active', 'running', 'host', 'host', 1, 2], from: [suspend], ask: hardReboot },
  ],
  'pause-server': [
    { name: 'pause', way: ['paused', 'paused', '-', 'host', 1, 1], from: [], ask: pause },
  ],
  'unpause-server': [
    { name: 'unpause', way: ['active', 'running', '-', 'host', 1, 1], from: [pause], ask: simpleRequest(unpauseServer, 'unpause') },
  ],
  'suspend-server': [
    { name: 'suspend', way: ['suspended', 'shutdown', '-', 'host', 1, 1], from: [], ask: suspend },
  ],
  'resume-server': [
    { name: 'resume', way: ['active', 'running', '-', 'host', 1, 1], from: [suspend], ask: simpleRequest(resumeServer, 'resume') },
  ],
  'trigger-crash-dump': [
    { name: 'trigger a crash dump', since: '0.2.0', way: ['active', 'running', '-', 'host', 1, 1], from: [], ask: simpleRequest(triggerCrashDump, 'trigger_crash_dump') },
  ],
  'attach-port': [
    { name: 'attach a port', since: '0.2.0', way: ['active', 'running', '-', 'host', 1, 1], from: [], ask: attach },
    { name: 'attach a port to a stopped server', since: '0.2.0', way: ['stopped', 'shutdown', '-', '-', 1, 1], from: [stop], ask: attach },
  ],
  'detach-port': [
    { name: 'detach a port', since: '0.2.0', way: ['active', 'running', '-', 'host', 1, 1], from: [attach], ask: detach },
  ],
  'rebuild-server': [
    { name: 'rebuild', way: ['active', 'running', 'own', 'own', 1, 1], from: [], ask: rebuild },
    { name: 'rebuild of a stopped server', way: ['stopped', 'shutdown', 'own', '-', 1, 0], from: [stop], ask: rebuild },
  ],
  'resize-server': [
    { name: 'resize', way: ['resized', 'running', 'own', 'own', 2, 2], from: [], ask: resize },
    { name: 'resize of a stopped server', way: ['resized', 'shutdown', 'own', '-', 2, 1], from: [stop], ask: resize },
  ],
  'confirm-resize': [
    { name: 'confirm resize', way: ['active', 'running', '-', 'own', 1, 2], from: [resize], ask: confirm },
    { name: 'confirm resize of a stopped server', way: ['stopped', 'shutdown', '-', '-', 1, 1], from: [stop, resize], ask: confirm },
  ],
  'revert-resize': [
    { name: 'revert resize', way: ['active', 'running', 'host', 'host', 1, 2], from: [resize], ask: revert },
    { name: 'revert resize of a stopped server', way: ['stopped', 'shutdown', 'host', '-', 1, 1], from: [stop, resize], ask: revert },
  ],
} satisfies CasesOf<Exclude<OperationName, MoveName>, CaseOnOneHost>; // biome-ignore format: a table

/** The same as one list. */
export const OPERATION_CASES: readonly (OperationCase & CaseOnOneHost)[] = listed<CaseOnOneHost>(CASES);

/** Makes a server with a port: where there are several hosts, on the first. */
export async function createOne(cloud: Cloud): Promise<Server> {
  const host = cloud.hosts.size > 1 ? HOST : null;
  const request = serverRequest({ host, ports: [await portWish(cloud)] });
  const [server] = await cloud.operations.createServers(request, requester());
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
