import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { simulatedStart } from '../../test/lab/command.ts';
import { sampleOperation } from '../../test/laws/sample-operation.ts';
import { sampleServer } from '../../test/laws/sample-server.ts';
import { openStore } from '../store/open.ts';
import { addCommands } from './commands.ts';

const COMMAND = fileURLToPath(new URL('./nameplate.ts', import.meta.url));
const UNWRITTEN = /nameplate: standard output cannot be used: there is no space left on its disk\./;

/** Runs the command with its output on a file. A service is ended once it says that it cannot write. */
async function run(words: readonly string[], output: string) {
  const file = openSync(output, 'w');
  const child = spawn(process.execPath, [COMMAND, ...words], { stdio: ['ignore', file, 'pipe'] });
  closeSync(file);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (words[0] === 'start' && UNWRITTEN.test(stderr)) child.kill('SIGTERM');
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stderr };
}

/** The commands of the table, without the groups. */
function namesOf(command: Command, above = ''): string[] {
  return command.commands.flatMap((each) => {
    const name = `${above}${each.name()}`;
    return each.commands.length === 0 ? [name] : namesOf(each, `${name} `);
  });
}

describe('the output of a command', () => {
  let dir: string;
  const operation = sampleOperation({ kind: 'stop-server', state: 'done', step: null });
  const server = sampleServer();
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'np-output-'));
    const store = await openStore({ connection: `sqlite:///${dir}/nameplate.sqlite` });
    await store.operations.insert(operation);
    await store.servers.insert(server);
    await store.close();
  });
  after(() => rm(dir, { recursive: true }));

  it('that cannot be written is an error of every command', async () => {
    const [state, backup] = [['--state-dir', dir], join(dir, 'copy')];
    const keys = ['--dir', join(dir, 'bus')];
    // In this order: some need what those before them leave.
    const wordsOf: Record<string, readonly string[] | `needs ${string} to print anything`> = {
      start: simulatedStart(dir),
      serve: 'needs NATS to print anything',
      agent: 'needs NATS to print anything',
      'bus init': keys,
      'host add': ['h1', ...keys],
      'host remove': 'needs NATS to print anything',
      'host list': state,
      'operation list': state,
      'operation show': [operation.id, ...state],
      'identity show': [server.id, ...state],
      'identity preview': [server.id, ...state],
      'identity audit': state,
      'server import': 'needs a service to print anything',
      'db backup': ['--to', backup, ...state],
      'db restore': ['--force', '--from', backup, ...state],
      'db confirm-restore': state,
      'db archive': state,
      'db purge': ['--all', ...state],
    };
    const table = new Command();
    addCommands(table, () => () => {});
    assert.deepEqual(Object.keys(wordsOf).sort(), namesOf(table).sort());
    const others = { 'completion bash': [], '--help': [], '--version': [], 'db --help': [] };
    for (const [name, words] of Object.entries({ ...wordsOf, ...others })) {
      if (typeof words === 'string') continue;
      const whole = name === 'start' ? words : [...name.split(' '), ...words];
      const { status, stderr } = await run(whole, '/dev/full');
      assert.match(stderr, UNWRITTEN, name);
      assert.equal(status, /^db (archive|purge)$/.test(name) ? 255 : 1, name);
    }
    assert.ok((await stat(backup)).size > 0, 'the work is done nevertheless');
  });

  it('of which a full disk takes only a part is an error too', async (t) => {
    const small = await mkdtemp(join(tmpdir(), 'np-small-'));
    t.after(() => rm(small, { recursive: true }));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', small], { stdio: 'ignore' });
    } catch {
      t.skip('mounting a small disk needs root');
      return;
    }
    try {
      const { status, stderr } = await run(['completion', 'zsh'], join(small, 'script'));
      assert.equal((await stat(join(small, 'script'))).size, 4096);
      assert.match(stderr, UNWRITTEN);
      assert.equal(status, 1);
    } finally {
      execFileSync('umount', [small]);
    }
  });

  it('may have a reader that wants no more of it', async () => {
    const words = [COMMAND, 'completion', 'zsh'].map((word) => `'${word}'`).join(' ');
    const script = `{ '${process.execPath}' ${words}; echo "status $?" >&2; } | true`;
    const shell = spawn('sh', ['-c', script], { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    shell.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    await once(shell, 'close');
    assert.equal(stderr, 'status 0\n');
  });
});
