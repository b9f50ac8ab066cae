import { portCosts, type StoreCost } from './port-costs.ts';
import { postgresql, sqlite } from './store-place.ts';

/**
 * What ports cost in the store on a network that has many, as JSON lines: `{ what, rows, p50, p99, ratio }`,
 * times in microseconds, the ratio of the p50 to that at the first size.
 * `node bench/store-ports.ts [sqlite|postgresql] [ROWS…]`, by default SQLite, and 100 and 10,000 ports.
 */
const [name, ...rest] = process.argv.slice(2);
const isNamed = name === 'sqlite' || name === 'postgresql';
const sizes = (isNamed ? rest : process.argv.slice(2)).map(Number);
let first: readonly StoreCost[] | undefined;
for (const rows of sizes.length > 0 ? sizes : [100, 10_000]) {
  const costs = await portCosts(rows, name === 'postgresql' ? postgresql : sqlite);
  first ??= costs;
  for (const [n, { what, ...times }] of costs.entries()) {
    const ratio = Math.round((times.p50 / first[n]!.p50) * 100) / 100;
    console.log(JSON.stringify({ what, rows, ...times, ratio }));
  }
}
