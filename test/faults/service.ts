import { createInterface } from 'node:readline';
import { startTestService, type TestSettings } from '../lab/service.ts';
import type { Order, Report } from './mortal-service.ts';

/**
 * The program of `mortal-service.ts`: the real service, which ends itself with SIGKILL at the boundary that
 * it was told.
 */
const [stateDir = '', settings = '{}'] = process.argv.slice(2);
let fatal: Order | undefined;

const service = await startTestService({
  stateDir,
  settings: JSON.parse(settings) as TestSettings,
  onBoundary({ kind, boundary }) {
    if (kind === fatal?.kind && boundary === fatal.boundary) process.kill(process.pid, 'SIGKILL');
  },
});

function report(line: Report): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

report({ url: service.url, replica: service.replica });
for await (const line of createInterface(process.stdin)) {
  fatal = JSON.parse(line) as Order;
  report({ armed: fatal });
}
await service.close();
