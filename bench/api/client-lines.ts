import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Cloud, Login } from './cloud.ts';
import type { Figure } from './figure.ts';
import { median } from './one-by-one.ts';
import { allServers } from './servers.ts';

const run = promisify(execFile);
const CLIENT = 'openstack';
const TURNS = 5;
/** The list that is measured is of so many servers. */
const SERVERS = 1_000;

/**
 * `openstack server list` of a thousand servers, beside the client's own start: its help of the same command
 * loads the same code and asks no cloud. In turns.
 * @throws {Error} when the client is not installed
 */
export async function clientLines(cloud: Cloud, login: Login): Promise<Figure[]> {
  const env = { ...process.env, ...environmentOf(login) };
  const seconds = async (...words: string[]) => {
    const began = performance.now();
    const { stdout } = await run(CLIENT, words, { env, maxBuffer: 2 ** 26 });
    return { took: (performance.now() - began) / 1000, lines: stdout.trim().split('\n').length };
  };
  const there = Math.min(SERVERS, (await allServers(cloud)).length);
  const lists: number[] = [];
  const starts: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    starts.push((await seconds('help', 'server', 'list')).took);
    const list = await seconds('server', 'list', '--limit', String(SERVERS), '-f', 'value', '-c', 'ID');
    if (list.lines !== there) throw new Error(`the client listed ${list.lines} servers, not ${there}`);
    lists.push(list.took);
  }
  const [list, start] = [lists, starts].map((times) => median(times.toSorted((a, b) => a - b)));
  return [
    {
      name: `openstack server list of ${there}, beyond the client's own start`,
      value: list! - start!,
      unit: 's',
      target: { atMost: 0.3 },
      note: `${list!.toFixed(2)} s; the start ${start!.toFixed(2)} s`,
    },
  ];
}

function environmentOf(login: Login): Record<string, string> {
  return {
    OS_AUTH_URL: login.authUrl,
    OS_USERNAME: login.username,
    OS_PASSWORD: login.password,
    OS_PROJECT_NAME: login.project,
    OS_USER_DOMAIN_NAME: login.userDomain,
    OS_PROJECT_DOMAIN_NAME: login.projectDomain,
    OS_IDENTITY_API_VERSION: '3',
  };
}
