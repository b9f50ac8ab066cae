import { parseArgs } from 'node:util';
import { type Figure, tableOf } from './api/figure.ts';
import { orUnmeasured } from './api/or-unmeasured.ts';
import { cloudLines } from './many-hosts/cloud-lines.ts';
import { memoryLines } from './many-hosts/memory-lines.ts';
import { migrationLines } from './many-hosts/migration-lines.ts';
import { schedulingLines } from './many-hosts/scheduling-lines.ts';

/**
 * Measures a cloud of many hosts and prints a table of what was aimed at and what came of it; in less than
 * eight minutes.
 *
 *   npm run bench:many-hosts                                  all lines
 *   npm run bench:many-hosts -- --hosts 100 --servers 20000   another simulated cloud
 *   npm run bench:many-hosts -- --only cloud,migration        some of: migration, scheduling, memory, cloud
 *
 * Its requests are sent by wrk, which takes less of the two cores that it shares with what is measured.
 */
const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '1000' },
    servers: { type: 'string', default: '100000' },
    only: { type: 'string', default: 'migration,scheduling,memory,cloud' },
  },
});

const say = (what: string) => void process.stderr.write(`measuring: ${what}\n`);

const parts: Readonly<Record<string, () => Promise<Figure[]>>> = {
  migration: () => migrationLines(say),
  scheduling: schedulingLines,
  memory: () => memoryLines(say),
  cloud: () => cloudLines({ hosts: Number(values.hosts), servers: Number(values.servers), say }),
};
const figures: Figure[] = [];
for (const part of values.only.split(',')) {
  const measure = parts[part];
  if (measure !== undefined) figures.push(...(await orUnmeasured(part, measure)));
}
process.stdout.write(`\n${tableOf(figures)}\n`);
