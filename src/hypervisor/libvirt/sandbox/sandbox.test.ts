import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { logLine } from '../../../../test/lab/log-line.ts';
import { Failure, type FailureKind } from '../../../model/failure.ts';
import { BubblewrapSandbox } from './bubblewrap.ts';
import { openSandbox } from './open-sandbox.ts';
import type { Sandbox, SandboxedRun } from './sandbox.ts';

const execute = promisify(execFile);
const MIB = 1024 ** 2;
const limits = { memory: 1024 * MIB, cpuSeconds: 30, fileSize: 64 * MIB };
const ownSandbox = new BubblewrapSandbox();

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'sandbox-'));
  await chmod(root, 0o700);
});
after(() => rm(root, { recursive: true, force: true }));

const shellIn =
  (sandbox: Sandbox) =>
  (script: string, more: Partial<SandboxedRun> = {}): Promise<string> =>
    sandbox.run({
      command: 'bash',
      args: () => ['-c', script],
      limits,
      what: 'x',
      timeoutMs: 30_000,
      ...more,
    });

async function fails(kind: FailureKind, words: RegExp, run: Promise<unknown>): Promise<void> {
  await assert.rejects(run, (error) => {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.kind, kind, error.operatorText);
    assert.match(error.operatorText, words);
    return true;
  });
}

for (const [maker, sandbox] of [
  ['this user', ownSandbox],
  ['an ordinary user', new BubblewrapSandbox(false)],
] as const)
  describe(`a program in the sandbox of ${maker}`, () => {
    const shell = shellIn(sandbox);
    test('sees programs, libraries and its two files, and nothing else of the host', async () => {
      const [source, target] = [join(root, 'seen'), join(root, 'written')];
      await writeFile(source, 'foreign bytes', { mode: 0o600 });
      await writeFile(target, '', { mode: 0o600 });
      const printed = await shell('ls -1 / /usr /dev; cat /source; cat /source > /target', {
        source,
        target,
      });
      const names = ['/:', 'dev', 'lib', 'lib64', 'source', 'target', 'usr', '', '/dev:', 'null', ''];
      assert.deepEqual(printed.split('\n'), [...names, '/usr:', 'bin', 'lib', 'lib64', 'foreign bytes']);
      assert.equal(await readFile(target, 'utf8'), 'foreign bytes');
    });

    test('has no user, group or right of the agent, and gains none', async () => {
      assert.equal((await shell('id -u; id -g; id -G')).trim(), '65534\n65534\n65534');
      const bounding = await shell('setpriv --dump');
      assert.match(bounding, /no_new_privs: 1/);
      assert.match(bounding, /Inheritable capabilities: \[none\]\nAmbient capabilities: \[none\]/);
    });

    test('changes no file but its target, whose owner and mode are as before', async () => {
      const [source, target] = [join(root, 'kept'), join(root, 'owned')];
      await writeFile(source, 'kept');
      await writeFile(target, '', { mode: 0o640 });
      const before = await stat(target);
      const script =
        'for f in /source /x /usr/bin/x /dev/x; do echo changed > $f && exit 9; done; echo y > /target';
      await shell(script, { source, target });
      assert.equal(await readFile(source, 'utf8'), 'kept');
      assert.equal(await readFile(target, 'utf8'), 'y\n');
      const now = await stat(target);
      assert.deepEqual([now.uid, now.gid, now.mode], [before.uid, before.gid, before.mode]);
    });

    test('has no environment, network or process of the agent', async () => {
      process.env.SANDBOX_TEST_SECRET = 'secret';
      const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      try {
        const printed = await shell(
          `env | sort; (exec 3<>/dev/tcp/127.0.0.1/${port}) && echo connected; kill -0 ${process.pid} && echo signalled; true`,
        );
        assert.doesNotMatch(printed, /secret|connected|signalled/);
        assert.match(printed, /^PATH=\/usr\/bin$/m);
      } finally {
        delete process.env.SANDBOX_TEST_SECRET;
        server.close();
      }
    });
  });

describe('a program in the sandbox', () => {
  const shell = shellIn(ownSandbox);

  test('is stopped at each of its limits, and the failure says which', async () => {
    const target = join(root, 'bounded');
    await writeFile(target, '');
    const writing = shell('head -c 2000000 /usr/bin/qemu-img > /target', {
      ...{ target, limits: { ...limits, fileSize: 1_000_000 } },
    });
    await fails('internal', /File too large|SIGXFSZ/, writing);
    assert.ok((await stat(target)).size <= 1_000_000);
    const spinning = shell('while :; do :; done', { limits: { ...limits, cpuSeconds: 1 } });
    await fails('internal', /SIGXCPU|SIGKILL/, spinning);
    const growing = shell('x=x; while :; do x=$x$x; done', { limits: { ...limits, memory: 128 * MIB } });
    await fails('internal', /allocate|SIG/, growing);
    await fails('timed-out', /took more than 0.2 s/, shell('sleep 600', { timeoutMs: 200 }));
    await fails('timed-out', /aborted/, shell('sleep 600', { signal: AbortSignal.timeout(100) }));
  });

  test('that is not installed is unavailable, and named', async () => {
    const run = ownSandbox.run({ command: 'qemu-omg', args: () => [], limits, what: 'x', timeoutMs: 5000 });
    await fails('unavailable', /the program qemu-omg is not installed/, run);
  });

  test('runs as nobody without capabilities, as the kernel sees it, and ends with the agent', async () => {
    const marker = String(86_400 + (process.pid % 10_000));
    const script = `
      import { BubblewrapSandbox } from '${new URL('./bubblewrap.ts', import.meta.url)}';
      new BubblewrapSandbox().run({ command: 'sleep', args: () => ['${marker}'], timeoutMs: 600_000, what: 'x',
        limits: ${JSON.stringify(limits)} });`;
    const agent = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    await until(async () => (await processOf(marker)) !== undefined);
    const status = await readFile(`/proc/${await processOf(marker)}/status`, 'utf8');
    if (process.getuid?.() === 0) assert.match(status, /^Uid:(\t65534){4}\nGid:(\t65534){4}$/m);
    for (const set of ['Inh', 'Prm', 'Eff', 'Amb']) assert.match(status, new RegExp(`^Cap${set}:\t0+$`, 'm'));
    agent.kill('SIGKILL');
    await until(async () => (await processOf(marker)) === undefined);
  });
});

test('the log says why a host has no sandbox and what follows, and programs run all the same', async () => {
  const said: string[] = [];
  const path = process.env.PATH;
  process.env.PATH = await pathWithoutBubblewrap();
  try {
    const none = await openSandbox(root, (event, fields) => void said.push(logLine(event, fields)));
    assert.equal(none.confines, false);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /^warn qemu-img-unconfined /);
    assert.match(said[0] ?? '', /the program bwrap is not installed/);
    const source = join(root, 'seen');
    const run = none.run({
      ...{ command: 'cat', args: (paths) => [paths.source], source, limits, what: 'x', timeoutMs: 5000 },
    });
    assert.equal(await run, 'foreign bytes');
  } finally {
    process.env.PATH = path;
  }
  const silent = () => assert.fail('there is nothing to say');
  const several = await Promise.all([1, 2, 3].map(() => openSandbox(root, silent)));
  assert.ok(
    several.every((one) => one.confines),
    'hosts that share a folder start at once',
  );
});

/** A folder with the programs that a sandbox is made with, but for bubblewrap. */
async function pathWithoutBubblewrap(): Promise<string> {
  const folder = join(root, 'programs');
  await mkdir(folder);
  await execute('ln', ['-s', '/usr/bin/prlimit', '/usr/bin/cat', folder]);
  return folder;
}

/** The process that is a `sleep` of this many seconds. */
async function processOf(seconds: string): Promise<string | undefined> {
  const { stdout } = await execute('ps', ['-eo', 'pid,args']);
  return new RegExp(`^ *(\\d+) sleep ${seconds}$`, 'm').exec(stdout)?.[1];
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) assert.ok(Date.now() < deadline, 'it did not happen within 20 s');
}
