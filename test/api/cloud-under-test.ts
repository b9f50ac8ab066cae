import '../lab/checked-answers.ts';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAgent } from '../../src/agent/agent.ts';
import type { Bus } from '../../src/bus/bus.ts';
import { createInProcessBus } from '../../src/bus/in-process.ts';
import type { Config } from '../../src/config/declared.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ImageSource } from '../../src/hypervisor/driver.ts';
import { createSimulatedDriver } from '../../src/hypervisor/simulated/driver.ts';
import { simulatedHost } from '../../src/hypervisor/simulated/host.ts';
import { SimulatedNetwork } from '../../src/hypervisor/simulated/network.ts';
import { type Control, startControl } from '../../src/main/control.ts';
import type { HostName } from '../../src/model/ids.ts';
import { LOG_EVENTS, type Log } from '../../src/model/log.ts';
import { createSimulatedNetworks } from '../../src/network/simulated/backend.ts';
import type { SerialOption } from '../../src/serial/policy.ts';
import { logLine } from '../lab/log-line.ts';

/** Of the user `admin`. */
export const PASSWORD = 'correct horse battery staple';
/** How long a server may take to come to rest; the simulated driver takes milliseconds. */
const PATIENCE = 20_000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of a body is checked by the test
  readonly body: any;
}

export interface Asked {
  readonly method?: string;
  /** Below the service's URL. */
  readonly path: string;
  readonly token?: string;
  readonly version?: string;
  /** Sent as JSON, or as it is when it is a text. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** The whole service over HTTP, with simulated guests, in a folder of its own. */
export interface CloudUnderTest {
  readonly service: Control;
  /** Where control plane and agents meet. */
  readonly bus: Bus;
  /** The state directory; the hosts' folders stand in it. */
  readonly folder: string;
  /** Where the hosts meet. */
  readonly network: SimulatedNetwork;
  readonly admin: string;
  readonly member: { readonly token: string; readonly projectId: string };
  readonly stranger: { readonly token: string; readonly projectId: string };
  readonly reader: { readonly token: string };
  readonly image: string;
  readonly errors: string[];
  ask(asked: Asked): Promise<Answer>;
  /** As `member`, below `/compute/v2.1`. */
  compute(method: string, path: string, how?: Partial<Asked>): Promise<Answer>;
  /** A server that has come to rest. */
  server(wish?: object): Promise<string>;
  /** Waits until no task is under way; answers the server, or undefined when it is gone. */
  atRest(id: string): Promise<Record<string, unknown> | undefined>;
  close(): Promise<void>;
}

/** A compute host, by its name or with what else is to be said of it. */
export type HostUnderTest =
  | string
  | { readonly name: string; readonly serialOption: SerialOption; readonly machineId?: string };

/** An option's value. */
export type Setting = readonly [group: string, option: string, text: string];

/**
 * @param settings options beside the usual ones, as `[group, option, text]`
 * @param hosts the compute hosts; their agents share a bus of function calls with the control plane
 */
export async function startCloud(
  settings: readonly Setting[] = [],
  hosts: readonly HostUnderTest[] = ['cmp1'],
): Promise<CloudUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'nameplate-cloud-'));
  const config = configFor(folder, settings);
  const errors: string[] = [];
  const log: Log = (event, fields) => {
    if (LOG_EVENTS[event][0] === 'error') errors.push(logLine(event, fields));
  };
  const bus = createInProcessBus();
  const network = new SimulatedNetwork({ sharesDisks: false });
  const service = await startControl({
    adminPassword: PASSWORD,
    ...{ config, bus, log, shared: false },
    async startHost(images) {
      const ends: (() => Promise<void>)[] = [];
      for (const host of hosts)
        ends.push(await startHost(host, { folder, ...{ bus, images, log, network } }));
      return async () => {
        for (const end of ends.reverse()) await end();
      };
    },
  });
  const ask = (asked: Asked) => send(service.url, asked);
  const admin = await tokenOf(ask, { user: 'admin', password: PASSWORD, project: 'admin' });
  const member = await projectWith(ask, admin, { role: 'member', name: 'one' });
  const stranger = await projectWith(ask, admin, { role: 'member', name: 'other' });
  const reader = await userWith(ask, admin, { role: 'reader', name: 'looker', project: member.projectId });
  await makeFlavors(ask, admin);
  const image = await makeImage(ask, admin);
  const compute: CloudUnderTest['compute'] = (method, path, how) =>
    ask({ method, token: member.token, ...how, path: `/compute/v2.1${path}` });
  const atRest: CloudUnderTest['atRest'] = (id) => rest(compute, admin, id);
  return {
    service,
    bus,
    folder,
    network,
    admin,
    member,
    stranger,
    reader,
    image,
    errors,
    ask,
    compute,
    atRest,
    server: async (wish) => {
      const body = { server: { name: 's', flavorRef: 'small', imageRef: image, ...wish } };
      const made = await compute('POST', '/servers', { body });
      if (made.status !== 202) throw new Error(`no server: ${made.text}`);
      await atRest(made.body.server.id);
      return made.body.server.id;
    },
    close: async () => {
      await service.close();
      await bus.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The configuration of a cloud under test, whose files are in `folder`. */
export function configFor(folder: string, settings: readonly Setting[]): Config {
  const flag = 'the test';
  const usual: readonly Setting[] = [
    ['DEFAULT', 'state_path', folder],
    ['nameplate', 'driver', 'simulated'],
    ['nameplate', 'listen', '127.0.0.1:0'],
    ['quota', 'instances', '40'],
    ['quota', 'cores', '60'],
  ];
  const overrides = [...usual, ...settings].map(([group, option, text]) => ({ group, option, text, flag }));
  return loadConfig({ sources: [], overrides }).config;
}

/** A simulated host with an agent of its own, on the shared bus. @returns ends both */
async function startHost(
  host: HostUnderTest,
  at: { folder: string; bus: Bus; images: ImageSource; log: Log; network: SimulatedNetwork },
): Promise<() => Promise<void>> {
  const { bus, images, log, network } = at;
  const usual = { serialOption: 'auto', machineId: undefined } as const;
  const { name, serialOption, machineId } = {
    ...usual,
    ...(typeof host === 'string' ? { name: host } : host),
  };
  const folder = join(at.folder, name);
  const machineIdFile = join(at.folder, `machine-id-of-${name}`);
  if (machineId !== undefined) await writeFile(machineIdFile, `${machineId}\n`);
  const description = simulatedHost(name);
  const driver = await createSimulatedDriver({ folder, description, images, network });
  const stop = await startAgent({
    network: await createSimulatedNetworks({ folder: join(at.folder, `${name}-ports`) }),
    ...{ driver, bus, log, now: Date.now, host: name as HostName, hostIp: '127.0.0.1', zone: 'nova' },
    ...{ serialOption, machineIdFile, diskPort: 0, version: '0.1.0' },
    reportIntervalMs: 60_000,
    ids: { hypervisorId: randomUUID(), serviceId: randomUUID() },
  });
  return async () => {
    await stop();
    await driver.close();
  };
}

/** Sends a request to a service. */
export async function send(
  url: string,
  { method = 'GET', path, token, version, body, headers }: Asked,
): Promise<Answer> {
  const answer = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== undefined && { 'x-auth-token': token }),
      ...(version !== undefined && { 'openstack-api-version': `compute ${version}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Ask = CloudUnderTest['ask'];

async function tokenOf(ask: Ask, of: { user: string; password: string; project: string }): Promise<string> {
  const domain = { id: 'default' };
  const user = { name: of.user, domain, password: of.password };
  const project = of.project.length === 32 ? { id: of.project } : { name: of.project, domain };
  const body = { auth: { identity: { methods: ['password'], password: { user } }, scope: { project } } };
  const answer = await ask({ method: 'POST', path: '/identity/v3/auth/tokens', body });
  if (answer.status !== 201) throw new Error(`no token for ${of.user}: ${answer.text}`);
  return String(answer.headers.get('x-subject-token'));
}

async function projectWith(ask: Ask, admin: string, of: { role: string; name: string }) {
  const body = { project: { name: of.name } };
  const made = await ask({ method: 'POST', path: '/identity/v3/projects', token: admin, body });
  const projectId: string = made.body.project.id;
  return { projectId, ...(await userWith(ask, admin, { ...of, project: projectId })) };
}

async function userWith(ask: Ask, admin: string, of: { role: string; name: string; project: string }) {
  const password = `password of ${of.name}`;
  const body = { user: { name: of.name, password } };
  const made = await ask({ method: 'POST', path: '/identity/v3/users', token: admin, body });
  const roles = await ask({ path: `/identity/v3/roles?name=${of.role}`, token: admin });
  const grant = `/identity/v3/projects/${of.project}/users/${made.body.user.id}/roles/${roles.body.roles[0].id}`;
  await ask({ method: 'PUT', path: grant, token: admin });
  return { token: await tokenOf(ask, { user: of.name, password, project: of.project }) };
}

async function makeFlavors(ask: Ask, admin: string): Promise<void> {
  const sizes = [
    { id: 'small', name: 'small', ram: 64, vcpus: 1, disk: 1 },
    { id: 'large', name: 'large', ram: 128, vcpus: 2, disk: 2 },
  ];
  for (const flavor of sizes) {
    const made = await ask({ method: 'POST', path: '/compute/v2.1/flavors', token: admin, body: { flavor } });
    if (made.status !== 200) throw new Error(`no flavor: ${made.text}`);
  }
}

async function makeImage(ask: Ask, admin: string): Promise<string> {
  const body = { name: 'tiny', disk_format: 'raw', container_format: 'bare', visibility: 'public' };
  const made = await ask({ method: 'POST', path: '/image/v2/images', token: admin, body });
  const headers = { 'content-type': 'application/octet-stream' };
  const path = `/image/v2/images/${made.body.id}/file`;
  await ask({ method: 'PUT', path, token: admin, headers, body: 'x'.repeat(1024) });
  return made.body.id;
}

async function rest(compute: CloudUnderTest['compute'], token: string, id: string) {
  for (const until = Date.now() + PATIENCE; Date.now() < until; ) {
    const { status, body } = await compute('GET', `/servers/${id}`, { token });
    if (status === 404) return undefined;
    if (body.server.status !== 'BUILD' && body.server['OS-EXT-STS:task_state'] === null) return body.server;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`server ${id} did not come to rest`);
}
