import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const repository = join(import.meta.dirname, '../..');
const compiler = join(repository, 'node_modules/typescript/bin/tsc');
const project = join(repository, 'packages/libvirt-rpc/tsconfig.build.json');

/**
 * Writes JavaScript modules and declarations of libvirt-rpc into a folder.
 *
 * @throws Error with the compiler's messages.
 */
export async function compileLibvirtRpc(folder: string): Promise<void> {
  await promisify(execFile)(process.execPath, [compiler, '--project', project, '--outDir', folder]).catch(
    ({ stdout, message }: Error & { readonly stdout?: string }) => {
      throw new Error(`libvirt-rpc does not compile: ${(stdout || message).slice(0, 4_000)}`);
    },
  );
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.d.ts')) continue;
    const path = join(folder, name);
    await writeFile(path, importsOfJavaScript(await readFile(path, 'utf8')));
  }
}

/** The compiler rewrites `./x.ts` to `./x.js` in modules but not in declarations. */
function importsOfJavaScript(declarations: string): string {
  return declarations.replace(/((?:from |import\()(['"])\.\/[^'"]+)\.ts\2/g, '$1.js$2');
}
