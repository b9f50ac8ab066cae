import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { LightMyRequestResponse } from 'fastify';
import type { ComputeHost } from '../../../src/model/host.ts';
import type { HostName } from '../../../src/model/ids.ts';
import { type ApiUnderTest, startApi } from '../api-under-test.ts';

/** A request to the Compute API. */
export interface ComputeRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/compute/v2.1`. */
  readonly path: string;
  readonly body?: unknown;
  /** The minor number; none is sent when it is left out. */
  readonly version?: number;
  readonly token?: string;
}

/** The Compute API on a real store, with an administrator, a member and a reader of other projects. */
export interface ComputeUnderTest {
  readonly api: ApiUnderTest;
  readonly admin: string;
  readonly member: { readonly token: string; readonly projectId: string; readonly userId: string };
  readonly reader: { readonly token: string; readonly projectId: string; readonly userId: string };
  ask(request: ComputeRequest): Promise<LightMyRequestResponse>;
  /** The JSON of an answer that must have the status. */
  get<T = Record<string, unknown>>(request: ComputeRequest, status?: number): Promise<T>;
  close(): Promise<void>;
}

export async function startCompute(): Promise<ComputeUnderTest> {
  const api = await startApi();
  const admin = await api.adminToken();
  const ask: ComputeUnderTest['ask'] = ({ method = 'GET', path, body, version, token = admin }) =>
    api.ask(token, {
      method,
      url: `/compute/v2.1${path}`,
      ...(body !== undefined && { payload: JSON.stringify(body) }),
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(version !== undefined && { 'openstack-api-version': `compute 2.${version}` }),
      },
    });
  return {
    api,
    admin,
    member: await api.projectWith('member', 'dev'),
    reader: await api.projectWith('reader', 'audit'),
    ask,
    get: async (request, status = 200) => {
      const answer = await ask(request);
      assert.equal(answer.statusCode, status, `${request.path}: ${answer.body}`);
      return answer.json();
    },
    close: () => api.close(),
  };
}

/** What an agent would report of a host. */
export function hostReport(name: string, fields: Partial<ComputeHost> = {}) {
  return {
    name: name as HostName,
    hostIp: '192.0.2.7',
    hypervisorId: randomUUID(),
    serviceId: randomUUID(),
    zone: 'nova',
    lastSeenAt: Date.now(),
    startedAt: Date.now(),
    serialOption: 'auto' as const,
    machineId: { state: 'absent' as const, file: '/etc/machine-id' },
    hypervisorType: 'QEMU',
    hypervisorVersion: 7_002_000,
    hypervisorHostname: `${name}.example.org`,
    arch: 'x86_64',
    cpuInfo: { model: 'host', topology: { sockets: 1, cores: 4 } },
    capacity: { vcpus: 8, memoryMb: 16_384, diskGb: 200 },
    hardwareUuid: null,
    givesSerial: true,
    features: ['unique-serial', 'move-disks', 'live-migration'],
    version: '0.1.0',
    uptime: { bootedAt: Date.now() - 90_000_000, loadAverage: [0.1, 0.2, 0.3] as const },
    ...fields,
  };
}

/** Keys in order, for comparisons: a client's schema may refuse one too many. */
export function keysOf(value: unknown): string[] {
  return Object.keys(value as object).toSorted();
}
