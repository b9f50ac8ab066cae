import { join } from 'node:path';
import type { Part } from '../../test/lab/part.ts';
import type { Cloud } from '../api/cloud.ts';
import type { Figure } from '../api/figure.ts';
import { INSPECTABLE, inspect, type Memory } from './inspected.ts';
import { REPORT_INTERVAL_MS, startSimulatedCloud } from './simulated-cloud.ts';
import { tellHosts } from './told-hosts.ts';
import { withLab } from './with-lab.ts';

const HOSTS = [0, 1_000, 10_000] as const;

/**
 * What a replica of the control plane keeps of its hosts: one replica, without hosts, and then with more and
 * more that report every ten seconds.
 */
export async function memoryLines(say: (what: string) => void): Promise<Figure[]> {
  return withLab(startSimulatedCloud(0), async (lab) => {
    const { part, cloud } = await inspectable(() => lab.serve('replica'));
    const inspected = await inspect(part);
    const hosts = await tellHosts({
      busDirectory: join(lab.folder, 'bus'),
      servers: [lab.bus],
      intervalMs: REPORT_INTERVAL_MS,
    });
    try {
      const found: Memory[] = [];
      for (const count of HOSTS) {
        say(`memory of a replica with ${count.toLocaleString('en')} hosts that report`);
        await hosts.grow(count);
        await askOfAll(cloud);
        found.push(await inspected.memory());
      }
      return [line('heap', found), line('resident', found)];
    } finally {
      inspected.close();
      await hosts.end();
    }
  });
}

/** Starts a part that can be inspected; nothing else is started meanwhile. */
async function inspectable<T extends { readonly part: Part }>(start: () => Promise<T>): Promise<T> {
  const { NODE_OPTIONS: before } = process.env;
  process.env.NODE_OPTIONS = `${before ?? ''} ${INSPECTABLE}`;
  try {
    return await start();
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
}

/**
 * What makes a replica look at all of its hosts: their list, what servers show of them, and a choice among
 * them.
 */
async function askOfAll(cloud: Cloud): Promise<void> {
  await cloud.ask('GET', '/os-hypervisors/detail?limit=1000');
  await cloud.ask('GET', '/servers/detail?limit=50');
  // A flavor that no host has room for: the choice ends there.
  const body = { flavor: { name: `too-large-${Date.now()}`, vcpus: 1_000, ram: 1, disk: 0 } };
  const { flavor } = await cloud.ask<{ flavor: { id: string } }>('POST', '/flavors', body);
  const wanted = { name: 'nowhere', flavorRef: flavor.id, imageRef: cloud.image, networks: 'none' };
  const { server } = await cloud.ask<{ server: { id: string } }>('POST', '/servers', { server: wanted });
  for (;;) {
    const { server: now } = await cloud.ask<{ server: { status: string } }>('GET', `/servers/${server.id}`);
    if (now.status === 'ERROR') return;
  }
}

function line(of: keyof Memory, found: readonly Memory[]): Figure {
  const [none, , most] = found as [Memory, Memory, Memory];
  const said = found.map((memory, n) => `${memory[of].toFixed(1)} with ${HOSTS[n]!.toLocaleString('en')}`);
  return {
    name: `memory of a replica per 1,000 hosts, ${of}`,
    value: ((most[of] - none[of]) * 1_000) / HOSTS[2],
    unit: 'MiB',
    note: `${said.join(', ')} hosts; after all garbage was collected, heartbeats every ${REPORT_INTERVAL_MS / 1000} s going on`,
  };
}
