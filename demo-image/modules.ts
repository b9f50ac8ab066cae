import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Failure } from '../src/model/failure.ts';

/** A kernel module: its name with underscores, and its object file. */
export interface KernelModule {
  readonly name: string;
  readonly content: Buffer;
}

/**
 * The wanted modules and all that they need, from an unpacked kernel package, in an order in which insmod
 * takes them. Dependencies are read from the modules themselves (the `depends` entry of .modinfo), since a
 * package comes without modules.dep. Built-in ones are left out.
 * @throws Failure `internal` when a module is neither there nor built in.
 */
export async function modulesInLoadOrder(
  modulesDirectory: string,
  wanted: readonly string[],
): Promise<KernelModule[]> {
  const paths = await modulePaths(modulesDirectory);
  const builtIn = new Set(
    (await readFile(join(modulesDirectory, 'modules.builtin'), 'utf8')).trim().split('\n').map(moduleName),
  );
  const ordered = new Map<string, KernelModule>();

  async function visit(name: string): Promise<void> {
    if (ordered.has(name) || builtIn.has(name)) return;
    const path = paths.get(name);
    if (path === undefined) {
      throw new Failure(
        'internal',
        `The kernel package has no module "${name}", which the demo image needs.`,
      );
    }
    const content = await readFile(path);
    for (const needed of dependencies(content)) await visit(needed);
    ordered.set(name, { name, content });
  }

  for (const name of wanted) await visit(name);
  return [...ordered.values()];
}

/** What a module's object file says it depends on. */
function dependencies(content: Buffer): string[] {
  const entry = /(?:^|\0)depends=([^\0]*)\0/.exec(content.toString('latin1'));
  return (entry?.[1] ?? '')
    .split(',')
    .filter((name) => name !== '')
    .map(moduleName);
}

async function modulePaths(directory: string): Promise<Map<string, string>> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  return new Map(
    found
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ko'))
      .map((entry) => [moduleName(entry.name), join(entry.parentPath, entry.name)]),
  );
}

function moduleName(path: string): string {
  return basename(path, '.ko').replaceAll('-', '_');
}
