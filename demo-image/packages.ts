import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../src/model/failure.ts';

const run = promisify(execFile);

/** A Debian package, unpacked. */
export interface UnpackedPackage {
  readonly name: string;
  readonly version: string;
  readonly directory: string;
}

/**
 * Debian packages, fetched by apt and unpacked under one directory; nothing is installed and no root is
 * needed. Where the machine's own package lists do not serve (none, or too old), private ones are fetched
 * into that directory.
 */
export class PackageSource {
  readonly #directory: string;
  readonly #log: (line: string) => void;
  #aptOptions: string[] = [];

  constructor(directory: string, log: (line: string) => void) {
    this.#directory = directory;
    this.#log = log;
  }

  /** @throws Failure `unavailable` when apt cannot give the packages, with apt's words for the operator. */
  async fetch(names: readonly string[]): Promise<UnpackedPackage[]> {
    const downloads = join(this.#directory, 'downloads');
    await mkdir(downloads, { recursive: true });
    await this.#aptGet(['download', ...names], downloads).catch(async () => {
      await this.#fetchLists();
      await this.#aptGet(['download', ...names], downloads);
    });
    const archives = await readdir(downloads);
    return await Promise.all(
      names.map((name) => this.#unpack(name, join(downloads, archiveOf(name, archives)))),
    );
  }

  /** The first package that `name`, a package without content of its own, depends on. */
  async resolve(name: string): Promise<string> {
    return await this.#firstDependency(name).catch(async () => {
      await this.#fetchLists();
      return await this.#firstDependency(name);
    });
  }

  async #firstDependency(name: string): Promise<string> {
    const { stdout } = await this.#command('apt-cache', [
      ...this.#aptOptions,
      'depends',
      '--important',
      name,
    ]);
    const dependency = /^ *Depends: (\S+)$/m.exec(stdout)?.[1];
    if (dependency === undefined) throw unavailable(`apt-cache names no dependency of ${name}:\n${stdout}`);
    return dependency;
  }

  async #fetchLists(): Promise<void> {
    if (this.#aptOptions.length > 0) return;
    this.#log("fetching Debian's package lists");
    const state = join(this.#directory, 'apt');
    await mkdir(join(state, 'lists', 'partial'), { recursive: true });
    await mkdir(join(state, 'cache', 'archives', 'partial'), { recursive: true });
    const directories = { 'Dir::State::Lists': join(state, 'lists'), 'Dir::Cache': join(state, 'cache') };
    this.#aptOptions = Object.entries(directories).flatMap(([option, path]) => ['-o', `${option}=${path}`]);
    await this.#aptGet(['update'], state);
  }

  async #aptGet(words: readonly string[], directory: string): Promise<void> {
    // apt drops to the user _apt to download, who cannot write here: as root, stay root.
    const unsandboxed = ['-o', 'APT::Sandbox::User=root', '-o', 'APT::Update::Error-Mode=any'];
    await this.#command('apt-get', ['-q', ...this.#aptOptions, ...unsandboxed, ...words], directory);
  }

  async #unpack(name: string, archive: string): Promise<UnpackedPackage> {
    const directory = join(this.#directory, name);
    await this.#command('dpkg-deb', ['-x', archive, directory]);
    const { stdout } = await this.#command('dpkg-deb', ['-f', archive, 'Version']);
    return { name, version: stdout.trim(), directory };
  }

  async #command(command: string, words: readonly string[], cwd?: string): Promise<{ stdout: string }> {
    const env = { ...process.env, LC_ALL: 'C' };
    try {
      return await run(command, words, { env, ...(cwd === undefined ? {} : { cwd }) });
    } catch (error) {
      throw unavailable(
        `${command} ${words.join(' ')}: ${error instanceof Error ? error.message : error}`,
        error,
      );
    }
  }
}

function archiveOf(name: string, archives: readonly string[]): string {
  const archive = archives.find((file) => file.startsWith(`${name}_`));
  if (archive === undefined) throw unavailable(`apt-get download ${name} succeeded, but left no file.`);
  return archive;
}

function unavailable(operatorText: string, cause?: unknown): Failure {
  return new Failure(
    'unavailable',
    "The demo image is made from Debian's packages, and these could not be fetched: a Debian machine with access to a package mirror is needed.",
    { operatorText, cause },
  );
}
