import type { Figure } from './figure.ts';

const MAX_REASON = 200;

/**
 * Runs one measurement of a table. When it fails, the table says so in its place, the other lines stay, and
 * the process exits with 1.
 * @param name stands in the table instead of the figures
 */
export async function orUnmeasured(
  name: string,
  measure: () => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> {
  try {
    return await measure();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    process.stderr.write(`not measured: ${name}: ${said}\n`);
    process.exitCode = 1;
    return [unmeasured(name, said)];
  }
}

/**
 * A line without a figure. @param why cut to its last line that names an error: it may quote the output of a
 * program
 */
export function unmeasured(name: string, why: string): Figure {
  const lines = why.trim().split('\n');
  const reason = lines.findLast((line) => line.includes('Error: ')) ?? lines.at(-1) ?? '';
  return { name, value: Number.NaN, unit: '', note: reason.trim().slice(0, MAX_REASON) };
}
