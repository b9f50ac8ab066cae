import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileLibvirtRpc } from './compile.ts';

const repository = join(import.meta.dirname, '../..');
const source = join(repository, 'packages/libvirt-rpc');

/**
 * Writes libvirt-rpc as npm publishes it into a folder, which is emptied first. The package holds JavaScript,
 * because Node does not strip types from files below node_modules.
 */
export async function writeLibvirtRpcPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await compileLibvirtRpc(join(folder, 'dist'));
  for (const page of ['README.md', 'API.md']) await copyFile(join(source, page), join(folder, page));
  await copyFile(join(repository, 'LICENSE'), join(folder, 'LICENSE'));
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(await manifest(), undefined, 2)}\n`);
}

async function manifest(): Promise<object> {
  const { name, version, description, keywords, license } = await readJson(join(source, 'package.json'));
  const { dependencies } = await readJson(join(repository, 'package.json'));
  const { node } = dependencies as { readonly node: string };
  return {
    ...{ name, version, description, keywords, license },
    type: 'module',
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    types: './dist/index.d.ts',
    sideEffects: false,
    engines: { node: `>=${node}` },
    files: ['dist', 'API.md'],
  };
}

async function readJson(path: string): Promise<Readonly<Record<string, unknown>>> {
  return JSON.parse(await readFile(path, 'utf8'));
}
