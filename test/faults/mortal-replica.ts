/**
 * A replica of the control plane that ends itself with SIGKILL at the boundary that it is told; the program that `startMortalReplica` starts.
 * Its argument is a configuration file; orders come on its standard input, a line each.
 */
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
  onBoundary({ kind, boundary }) {
    if (kind === fatal?.kind && boundary === fatal.boundary) process.kill(process.pid, 'SIGKILL');
  },
});

function report(line: Report): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

report({ url: replica.url });
for await (const line of createInterface(process.stdin)) {
  fatal = JSON.parse(line) as Order;
  report({ armed: fatal });
}
await replica.close();
