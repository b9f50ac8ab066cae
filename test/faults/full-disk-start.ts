/**
 * Run by `full-disk-start.test.ts` where a disk of 2 MiB is mounted on the folder that it is given. Says what
 * happened as JSON.
 */
import { readdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nameplate, simulatedStart } from '../lab/command.ts';

const folder = process.argv[2] ?? '';
const stateDir = join(folder, 'state');
const filler = join(folder, 'filler');

/** Leaves so many bytes free, whatever is there already. */
async function leave(free: number): Promise<void> {
  await rm(filler, { force: true });
  const { bavail, bsize } = await statfs(folder);
  await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - free)));
}

const refused = [];
for (const kib of [0, 4, 12, 24, 64, 128]) {
  await leave(kib * 1024);
  const { status, ready, stderr } = await nameplate(simulatedStart(stateDir));
  const password = await readFile(join(stateDir, 'admin-password'), 'utf8').catch(() => null);
  refused.push({ kib, status, ready, stderr, password });
}

const bus = join(folder, 'bus');
const init = ['bus', 'init', '--dir', bus];
const busRefused = [];
for (const kib of [0, 4]) {
  await leave(kib * 1024);
  const { status, stderr } = await nameplate(init);
  busRefused.push({ kib, status, stderr });
}
await rm(filler);
const { status: busMade } = await nameplate(init);
const empty = [];
for (const name of await readdir(bus)) if ((await stat(join(bus, name))).size === 0) empty.push(name);
await rm(bus, { recursive: true });

const logins: Record<string, number> = {};
const ran = await nameplate(simulatedStart(stateDir), {
  async whenReady(stdout) {
    const url = /URL\s+(\S+)/.exec(stdout)?.[1] ?? '';
    const password = (await readFile(join(stateDir, 'admin-password'), 'utf8')).trim();
    for (const [name, given] of [
      ['its own', password],
      ['empty', ''],
    ] as const) {
      const user = { name: 'admin', domain: { id: 'default' }, password: given };
      const body = JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } } } });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}/identity/v3/auth/tokens`, { method: 'POST', headers, body });
      logins[name] = answer.status;
    }
  },
});
const mode = (await stat(join(stateDir, 'admin-password'))).mode & 0o777;
console.log(
  JSON.stringify({
    ...{ refused, logins, ready: ran.ready, status: ran.status, stderr: ran.stderr, mode },
    bus: { refused: busRefused, made: busMade, empty },
  }),
);
