/**
 * Measures how long everybody else waits while bad requests come in, and the memory afterwards.
 *
 *   npm run bench:bad-requests
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectTo } from './api/cloud.ts';
import { type Figure, tableOf } from './api/figure.ts';
import { residentMib } from './api/machine.ts';
import { startNameplate } from './api/nameplate.ts';
import { orUnmeasured } from './api/or-unmeasured.ts';
import { BAD_KINDS, type BadKind } from './bad-requests/kinds.ts';
import { type Probe, startProbe } from './bad-requests/probe.ts';

/** What nobody should wait longer than for others' bad requests, milliseconds. */
const LONGEST_STALL_MS = 200;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const folder = await mkdtemp(join(tmpdir(), 'nameplate-bench-'));
try {
  process.stdout.write(`\n${tableOf(await allLines(folder))}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function allLines(at: string): Promise<Figure[]> {
  const service = await startNameplate(at);
  const cloud = await connectTo(service.login);
  const probe = startProbe(service.login.authUrl);
  try {
    const figures: Figure[] = [];
    const idle: BadKind = {
      name: 'nothing bad for a second',
      send: () => new Promise((done) => setTimeout(done, 1_000, [])),
    };
    for (const kind of [idle, ...BAD_KINDS]) {
      process.stderr.write(`measuring: ${kind.name}\n`);
      const measure = async () => [await lineOf(kind, { cloud, probe, pid: service.pid })];
      figures.push(...(await orUnmeasured(`longest wait, ${kind.name}`, measure)));
    }
    return figures;
  } finally {
    await probe.end();
    await service.stop();
  }
}

async function lineOf(
  kind: BadKind,
  { cloud, probe, pid }: { cloud: Awaited<ReturnType<typeof connectTo>>; probe: Probe; pid: number },
): Promise<Figure> {
  probe.reset();
  const statuses = await kind.send(cloud).catch((error: Error) => [error.message]);
  const { ms, answers } = await probe.longest();
  const counts = [...Map.groupBy(statuses, String)].map(([status, all]) => `${all.length} × ${status}`);
  return {
    name: `longest wait, ${kind.name}`,
    value: ms,
    unit: 'ms',
    target: { atMost: LONGEST_STALL_MS },
    note: `${counts.join(', ') || 'no answer'}; ${answers} others answered; ${Math.round(await residentMib(pid))} MiB afterwards`,
  };
}
