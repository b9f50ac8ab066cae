import { setTimeout as wait } from 'node:timers/promises';
import { ComputeClient } from '../../test/lab/compute-client.ts';
import type { ComputeHostOfLab, ManyHosts } from '../../test/lab/many-hosts.ts';

/** One migration, milliseconds. */
export interface Migrated {
  /** As its user waits for it. */
  readonly wall: number;
  /** What the guest did not run: libvirt's own statistics, where it arrived. */
  readonly pause: number;
}

/** Milliseconds between two looks at a server that is migrated. */
const POLL_MS = 20;
/** Seconds that a migration may take before the bench gives up. */
const LONGEST = 60;

/** A server, and its live migrations between two hosts. */
export interface Migrations {
  readonly server: string;
  readonly hosts: readonly [ComputeHostOfLab, ComputeHostOfLab];
  /**
   * From the first host to the second, or back. `step`: the step that migrates, as the operation's log has
   * it.
   */
  migrate(there: boolean): Promise<Migrated & { readonly step: number }>;
}

/** Creates a demo guest on the first host. */
export async function openMigrations({ url, hosts: all, postgres }: ManyHosts): Promise<Migrations> {
  const [first, second] = all as [ComputeHostOfLab, ComputeHostOfLab];
  const client = await ComputeClient.login(url, POLL_MS);
  const imageRef = await client.imageId('nameplate-demo');
  const wanted = { name: 'bench', imageRef, flavorRef: '3', availability_zone: `nova:${first.name}` };
  const server = await client.createServer(wanted);
  await client.rests(server, 'ACTIVE');
  await client.guestLine(server);
  return {
    server,
    hosts: [first, second],
    async migrate(there) {
      const target = there ? second : first;
      const begun = performance.now();
      await client.ask('POST', `/servers/${server}/action`, {
        'os-migrateLive': { host: target.name, block_migration: 'auto' },
      });
      await client.rests(server, 'ACTIVE');
      const wall = performance.now() - begun;
      const { 'OS-EXT-SRV-ATTR:host': host } = (await client.show(server)) as {
        'OS-EXT-SRV-ATTR:host'?: string;
      };
      if (host !== target.name)
        throw new Error(`the server is on ${host} after a migration to ${target.name}`);
      const [step] = await postgres.query(STEP.replace('SERVER', server), 'lab_0');
      return { wall, step: Number(step), pause: await pauseOf(target, server) };
    },
  };
}

/** From the log line of the step before to its own. */
const STEP = `select migrated.at - prepared.at from operation_log migrated join operation_log prepared using (operation_id)
  where migrated.step = 'migrate' and prepared.step = 'prepare destination' and operation_id =
  (select id from operations where server_id = 'SERVER' order by number desc limit 1)`;

/** What libvirt's statistics of the job say where the guest arrived. */
export async function pauseOf({ machine }: ComputeHostOfLab, domain: string): Promise<number> {
  const { stdout } = await machine.exec('virsh', ['domjobinfo', '--completed', '--keep-completed', domain]);
  const found = /Total downtime: +(\d+) +ms/.exec(stdout);
  if (found === null) throw new Error(`libvirt does not say how long the guest paused: ${stdout}`);
  return Number(found[1]);
}

/** Runs virsh on a host, for so long at most. */
export async function virsh({ machine }: ComputeHostOfLab, ...words: string[]): Promise<string> {
  const running = machine.exec('virsh', ['-q', ...words]);
  const late = wait(LONGEST * 1000, undefined, { ref: false }).then(() => {
    throw new Error(`virsh ${words.join(' ')} takes more than ${LONGEST} s`);
  });
  return (await Promise.race([running, late])).stdout;
}
