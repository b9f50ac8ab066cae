import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { issueToHost } from '../../src/bus/nats/authority.ts';
import { withAuthority } from '../../src/cli/bus-directory.ts';
import type { HostName } from '../../src/model/ids.ts';
import type { Part } from '../../test/lab/part.ts';
import { type Parts, startParts } from '../../test/lab/parts.ts';
import { type PostgresServer, startPostgres } from '../../test/lab/postgres.ts';
import { ADMIN_PASSWORD } from '../../test/lab/service.ts';
import { type Cloud, connectTo } from '../api/cloud.ts';
import { type Agents, startAgents } from './agents.ts';

/** Nova's default of `report_interval`, milliseconds. */
export const REPORT_INTERVAL_MS = 10_000;
const AGENT_PROCESSES = 2;
const NO_QUOTA = { quota: { instances: '-1', cores: '-1', ram: '-1' } };

/**
 * Replicas of the control plane over a PostgreSQL and a NATS server of their own, for agents that only
 * simulate guests.
 */
export interface SimulatedCloud {
  readonly postgres: PostgresServer;
  readonly connection: string;
  readonly database: string;
  readonly hosts: readonly string[];
  /** Where its replicas, agents and NATS keep what they keep, and NATS's URL. */
  readonly folder: string;
  readonly bus: string;
  /** Starts another replica. */
  serve(name: string): Promise<{ readonly part: Part; readonly cloud: Cloud }>;
  /** Issues credentials to all hosts, and starts their agents. */
  startAgents(): Promise<Agents>;
  close(): Promise<void>;
}

export async function startSimulatedCloud(hostCount: number): Promise<SimulatedCloud> {
  const postgres = await startPostgres();
  const parts = await startPartsOn(postgres);
  const hosts = Array.from({ length: hostCount }, (_, n) => `host-${String(n).padStart(5, '0')}`);
  let furnished = false;
  return {
    ...{ postgres, connection: parts.connection, database: 'lab_0', hosts },
    ...{ folder: parts.folder, bus: parts.nats.url },
    async serve(name) {
      const part = await parts.serve(name, NO_QUOTA);
      if (!furnished) await parts.furnish({ guests: false });
      furnished = true;
      return { part, cloud: await connectTo(loginAt(part.url)) };
    },
    startAgents: () => startAgentsOf(parts, hosts),
    async close() {
      await parts.close().finally(() => postgres.remove());
    },
  };
}

async function startPartsOn(postgres: PostgresServer): Promise<Parts & { readonly connection: string }> {
  try {
    const connection = await postgres.createDatabase('loopback');
    return { ...(await startParts({ database: connection })), connection };
  } catch (error) {
    await postgres.remove();
    throw error;
  }
}

function loginAt(url: string) {
  const names = { username: 'admin', project: 'admin', userDomain: 'Default', projectDomain: 'Default' };
  return { authUrl: `${url}/identity/v3`, password: ADMIN_PASSWORD, ...names };
}

/**
 * As `nameplate host add` for each of them: what NATS believes is in the credentials, so the folder need not
 * note them.
 */
async function startAgentsOf(parts: Parts, names: readonly string[]): Promise<Agents> {
  const dir = join(parts.folder, 'bus');
  const at = Math.floor(Date.now() / 1000);
  const authority = await withAuthority(dir, async (known) => known);
  const hosts = await Promise.all(
    names.map(async (name) => {
      const { file } = await issueToHost(authority, name as HostName, at);
      return { name, credentials: Buffer.from(file).toString('utf8') };
    }),
  );
  const folder = join(parts.folder, 'guests');
  await mkdir(folder, { recursive: true });
  const job = { hosts, servers: [parts.nats.url], folder, reportIntervalMs: REPORT_INTERVAL_MS };
  return startAgents(job, AGENT_PROCESSES);
}
