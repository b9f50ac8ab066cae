import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ServerId } from '../../src/model/ids.ts';

/** Whether the operation goes to its end, or has failed and unwinds. */
export type Way = 'forward' | 'back';

/** A server of a fixture, and where its operation was when the process was killed. */
export interface LeftServer {
  readonly id: ServerId;
  readonly way: Way;
  /**
   * As the engine names it; `end`: the operation had ended; `not begun`: the server is prepared, the
   * operation is for the later release to do.
   */
  readonly boundary: string;
}

export type StoreName = 'sqlite' | 'postgresql';

/** A cloud that a release left when it was killed: its store, and all else that it kept. */
export interface Fixture {
  /** Version of the release that wrote it. */
  readonly release: string;
  readonly store: StoreName;
  /** Name of the case. */
  readonly case: string;
  /**
   * The driver method that failed, instead of being carried out, where operations unwind; null: the operation
   * only tidies.
   */
  readonly failing: string | null;
  readonly servers: readonly LeftServer[];
  /** Of all files in the folder but the store's own: path → content, a character (latin1) for each byte. */
  readonly files: Readonly<Record<string, string>>;
  /** Statements that make the store's tables and fill them. */
  readonly sql: string;
}

/** A fixture's file, and what its place says of it. */
export interface FixtureFile {
  readonly path: string;
  readonly release: string;
  readonly store: StoreName;
  /** Name of the case, with dashes. */
  readonly name: string;
}

/** In memory where that can be: power failures are not what these tests are about. */
export const SCRATCH = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const FOLDER = fileURLToPath(new URL('./fixtures', import.meta.url));
const SUFFIX = '.json.gz';
/** Stands for the folder that a cloud keeps its files in. */
const FOLDER_MARK = '{folder}';

/** All fixtures of all releases: `fixtures/RELEASE/STORE/CASE.json.gz`. */
export function fixtureFiles(): FixtureFile[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(SUFFIX))
    .sort()
    .map((path) => {
      const [release = '', store, file = ''] = path.split('/');
      const name = file.slice(0, -SUFFIX.length);
      return { path: join(FOLDER, path), release, store: store as StoreName, name };
    });
}

/** @param folder where the cloud is to be */
export function readFixture(path: string, folder: string): Fixture {
  const text = gunzipSync(readFileSync(path)).toString('utf8');
  return JSON.parse(text.replaceAll(FOLDER_MARK, folder)) as Fixture;
}

/** @param folder where the cloud was */
export async function writeFixture(fixture: Fixture, folder: string): Promise<void> {
  const path = join(FOLDER, fixture.release, fixture.store, `${fileNameOf(fixture.case)}${SUFFIX}`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, gzipSync(JSON.stringify(fixture).replaceAll(folder, FOLDER_MARK), { level: 9 }));
}

export function fileNameOf(caseName: string): string {
  return caseName.replaceAll(/[^a-z]+/g, '-');
}

/** The files in a folder, as a fixture keeps them. */
export async function packFolder(folder: string, except: RegExp): Promise<Fixture['files']> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: Record<string, string> = {};
  for (const path of paths.sort())
    if (!except.test(path)) files[path.slice(folder.length + 1)] = (await readFile(path)).toString('latin1');
  return files;
}

export async function unpackFolder(files: Fixture['files'], folder: string): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), Buffer.from(content, 'latin1'));
  }
}
