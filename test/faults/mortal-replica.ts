/**
 * A replica of the control plane that ends itself with SIGKILL at the boundary that it is told, or all agents
 * of the lab at every boundary of an operation; the program that `startMortalReplica` starts. Its argument is
 * a configuration file; orders come on its standard input, a line each.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { loadConfig } from '../../src/config/load.ts';
import { startReplica } from '../../src/main.ts';
import { ADMIN_PASSWORD } from '../lab/service.ts';
import type { Order, Report } from './mortal-service.ts';

const [file = ''] = process.argv.slice(2);
let fatal: Order | undefined;

const replica = await startReplica({
  config: loadConfig({ sources: [{ kind: 'file', path: file }] }).config,
  adminPassword: ADMIN_PASSWORD,
  log: () => undefined,
  signal: new AbortController().signal,
  onBoundary({ server, kind, boundary }) {
    if (kind !== fatal?.kind || server !== (fatal.server ?? server)) return;
    if (fatal.agentsBelow !== undefined) report({ at: boundary, killed: killAgents(fatal.agentsBelow) });
    else if (boundary === fatal.boundary) process.kill(process.pid, 'SIGKILL');
  },
});

/** SIGKILL to every agent whose configuration file is below a folder. @returns how many there were */
function killAgents(folder: string): number {
  let killed = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (words[2] !== 'agent' || !words.some((word) => word.startsWith(folder))) continue;
      process.kill(Number(pid), 'SIGKILL');
      killed++;
    } catch {} // it has ended meanwhile
  return killed;
}

function report(line: Report): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

report({ url: replica.url, replica: replica.replica });
for await (const line of createInterface(process.stdin)) {
  fatal = JSON.parse(line) as Order;
  report({ armed: fatal });
}
await replica.close();
