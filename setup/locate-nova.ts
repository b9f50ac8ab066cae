import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NOVA_COMMIT } from './nova/commit.ts';
import { definitionsOf, lineOf } from './nova/definitions.ts';
import { isCertainlyName, novaReferences } from './nova/references.ts';

/**
 * `node setup/locate-nova.ts CLONE`: finds the definitions that comments name in a clone of openstack/nova
 * with the pinned commit, and writes their lines to `nova/lines.json`. Exits with 1 when one is not found.
 */
function locate(clone: string): void {
  const located: Record<string, Record<string, number>> = {};
  const missing: string[] = [];
  for (const { file, path, words } of novaReferences()) {
    try {
      const python = execFileSync('git', ['-C', clone, 'show', `${NOVA_COMMIT}:${path}`], {
        encoding: 'utf8',
        maxBuffer: 2 ** 26,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const definitions = definitionsOf(python);
      located[path] ??= {};
      for (const word of words) {
        const line = lineOf(definitions, word);
        if (line !== undefined) located[path][word] = line;
        else if (isCertainlyName(word)) throw new Error(`it has no ${word}`);
        else break;
      }
    } catch (error) {
      missing.push(`${file}: ${path}: ${(error as Error).message.trim().split('\n').at(-1)}`);
    }
  }
  writeFileSync(
    join(import.meta.dirname, 'nova/lines.json'),
    `${JSON.stringify(sorted(located), null, 2)}\n`,
  );
  for (const sentence of missing) console.error(sentence);
  if (missing.length > 0) process.exitCode = 1;
}

function sorted(located: Record<string, Record<string, number>>): object {
  const byKey = <T>(record: Record<string, T>) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    byKey(located).map(([path, lines]) => [path, Object.fromEntries(byKey(lines))] as const),
  );
}

const [clone] = process.argv.slice(2);
if (clone === undefined) throw new Error('usage: node setup/locate-nova.ts CLONE_OF_OPENSTACK_NOVA');
locate(clone);
