import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

interface Said {
  readonly refused: readonly {
    readonly kib: number;
    readonly status: number | null;
    readonly ready: boolean;
    readonly stderr: string;
    readonly password: string | null;
  }[];
  readonly logins: Readonly<Record<string, number>>;
  readonly ready: boolean;
  readonly status: number | null;
  readonly stderr: string;
  readonly mode: number;
  readonly bus: {
    readonly refused: readonly {
      readonly kib: number;
      readonly status: number | null;
      readonly stderr: string;
    }[];
    readonly made: number | null;
    /** Names of files without a byte. */
    readonly empty: readonly string[];
  };
}

test('a first start on a full disk ends with one sentence, however full; with room again the admin has the password of the file, and a bus its keys', {
  timeout: 240_000,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nameplate-full-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const script = fileURLToPath(import.meta.resolve('./full-disk-start.ts'));
  const mountAndRun = 'mount -t tmpfs -o size=2m tmpfs "$1" && exec "$2" "$3" "$1"';
  const words = ['--user', '--map-root-user', '--mount', 'sh', '-c', mountAndRun];
  const { stdout } = await promisify(execFile)('unshare', [...words, 'sh', folder, process.execPath, script]);
  const said = JSON.parse(stdout) as Said;
  for (const { kib, status, ready, stderr, password } of said.refused) {
    if (ready) continue; // so much was enough
    const lines = stderr.trimEnd().split('\n');
    const last = lines.at(-1) ?? '';
    assert.equal(status, 1, `${kib} KiB: ${stderr}`);
    assert.match(last, /^nameplate: .*no space left/, `${kib} KiB`);
    assert.deepEqual(
      lines.filter((line) => /^\s+at |Error:/.test(line)),
      [],
      `${kib} KiB`,
    );
    if (password !== null) assert.match(password, /^[\w-]{32}\n$/, `${kib} KiB`);
  }
  assert.ok(said.refused.filter(({ ready }) => !ready).length >= 4, stdout);
  assert.deepEqual([said.ready, said.status], [true, 0], said.stderr);
  assert.deepEqual(said.logins, { 'its own': 201, empty: 401 });
  assert.equal(said.mode, 0o600);
  for (const { kib, status, stderr } of said.bus.refused) {
    assert.equal(status, 1, `bus init, ${kib} KiB: ${stderr}`);
    assert.match(stderr, /^nameplate: \S+ cannot be used: there is no space left on its disk\.\n$/);
  }
  assert.deepEqual([said.bus.made, said.bus.empty], [0, []]);
});
