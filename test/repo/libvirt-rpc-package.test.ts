import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { encode, string } from '../../packages/libvirt-rpc/src/codec.ts';
import { procedures } from '../../packages/libvirt-rpc/src/procedures.ts';
import { reply, startFakeDaemon } from '../../packages/libvirt-rpc/test/fake-daemon.ts';
import { writeLibvirtRpcPackage } from '../../setup/libvirt-rpc/write-package.ts';

const repository = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** npm sets variables for its scripts that would make an inner npm work on this repository. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

const CONSUMER = `
import { connect, type Domain, domainStates, LibvirtError, type ResultOf } from 'libvirt-rpc';

export async function isRunning(uri: string, domain: Domain): Promise<boolean> {
  await using libvirt = await connect(uri);
  const { state }: ResultOf<'domainGetState'> = await libvirt.domainGetState({ domain });
  const version: bigint = await libvirt.connectGetLibVersion();
  // @ts-expect-error: the domain is required
  await libvirt.domainGetState({});
  // @ts-expect-error: there is no such procedure
  await libvirt.domainLevitate({ domain });
  return state === domainStates.running && version > 0n;
}

export const codeOf = (error: unknown): number | undefined =>
  error instanceof LibvirtError ? error.code : undefined;
`;

describe('the npm package of libvirt-rpc', () => {
  let folder: string;
  let project: string;
  let files: readonly string[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'libvirt-rpc-package-'));
    project = join(folder, 'project');
    await mkdir(project);
    await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
    await writeLibvirtRpcPackage(join(folder, 'package'));
    await npm(join(folder, 'package'), 'pack', '--pack-destination', folder);
    const [packed] = JSON.parse(await npm(join(folder, 'package'), 'pack', '--dry-run', '--json'));
    files = packed.files.map(({ path }: { readonly path: string }) => path);
    await npm(project, 'install', '--offline', join(folder, packed.filename));
  });
  after(() => rm(folder, { recursive: true }));

  async function npm(cwd: string, ...options: string[]): Promise<string> {
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--cache', join(folder, 'cache')];
    return (await run('npm', [...options, ...quiet], { cwd, env: environment })).stdout;
  }

  it('holds JavaScript with a declaration for each module, its pages and its license', () => {
    const names = new Set(files);
    for (const page of ['package.json', 'README.md', 'API.md', 'LICENSE'])
      assert.ok(names.delete(page), page);
    const modules = [...names].filter((path) => path.endsWith('.js'));
    assert.ok(modules.includes('dist/index.js'));
    const pairs = modules.flatMap((path) => [path, path.replace(/\.js$/, '.d.ts')]);
    assert.deepEqual([...names].toSorted(), pairs.toSorted());
  });

  it('links only to files that it holds', async () => {
    for (const page of ['README.md', 'API.md']) {
      const text = await readFile(join(project, 'node_modules/libvirt-rpc', page), 'utf8');
      const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link = '']) => link);
      assert.ok(links.length > 0);
      for (const link of links) assert.ok(files.includes(link), `${page} links to ${link}`);
    }
  });

  it('installs without a network, and plain JavaScript calls a daemon with it', async (t) => {
    const daemon = await startFakeDaemon(t, ({ frame, socket }) => {
      assert.equal(frame.procedure, procedures.connectGetHostname.number);
      socket.write(reply(frame, encode(string, 'kvm1')));
    });
    const program = join(project, 'main.js');
    await writeFile(
      program,
      `import { connect } from 'libvirt-rpc';
       const libvirt = await connect(process.argv[2]);
       console.log(await libvirt.connectGetHostname());
       await libvirt.close();`,
    );
    const { stdout, stderr } = await run(process.execPath, [program, daemon.uri]);
    assert.deepEqual({ stdout, stderr }, { stdout: 'kvm1\n', stderr: '' });
  });

  it("gives TypeScript its types, also to README's and API.md's examples, whose printed values are as stated", async () => {
    const examples = await Promise.all(['README.md', 'API.md'].map(examplesOf)).then((found) => found.flat());
    assert.ok(examples.length >= 6);
    await writeFile(join(project, 'consumer.ts'), CONSUMER);
    for (const [index, code] of examples.entries())
      await writeFile(join(project, `example-${index}.ts`), code);
    const compilerOptions = {
      ...{ target: 'esnext', module: 'nodenext', strict: true, exactOptionalPropertyTypes: true },
      ...{ noEmit: true, types: ['node'], typeRoots: [join(repository, 'node_modules/@types')] },
    };
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    const compiler = join(repository, 'node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [compiler], { cwd: project }).catch((error) => error);
    assert.equal(stdout, '');
    await runStatedExamples(examples);
  });

  async function examplesOf(page: string): Promise<readonly string[]> {
    const text = await readFile(join(project, 'node_modules/libvirt-rpc', page), 'utf8');
    return [...text.matchAll(/```ts\n(import .*?)```/gs)].map(([, code = '']) => code);
  }

  /** Runs the examples that state what they print, as `console.log(…); // …`. */
  async function runStatedExamples(examples: readonly string[]): Promise<void> {
    let ran = 0;
    for (const [index, code] of examples.entries()) {
      const stated = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, value]) => `${value}\n`);
      if (stated.length === 0) continue;
      const { stdout } = await run(process.execPath, [join(project, `example-${index}.ts`)]);
      assert.equal(stdout, stated.join(''));
      ran++;
    }
    assert.ok(ran >= 2);
  }
});
