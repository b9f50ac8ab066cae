/**
 * `npm run lab [-- --state-dir DIR --listen HOST:PORT]`: a cloud of three libvirt hosts on this machine, to
 * try things on.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cloudsYaml } from '../../src/cli/clouds-yaml.ts';
import { lockState } from '../../src/cli/state-lock.ts';
import { welcome } from '../../src/cli/welcome.ts';
import { listenAddress } from '../../src/config/types.ts';
import { writeWhole } from '../../src/files/whole-file.ts';
import { asFailure, Failure } from '../../src/model/failure.ts';
import { FILTER_NAMES } from '../../src/scheduler/settings.ts';
import { libvirtHostObstacle } from './libvirt-host.ts';
import { type ManyHosts, startManyHosts } from './many-hosts.ts';
import { natsObstacle } from './nats.ts';
import { ADMIN_PASSWORD } from './service.ts';

/** Where state of a system's services is; the lab needs root anyway. */
const STATE_DIR = '/var/lib/nameplate-lab';

const HELP = `Usage: npm run lab [-- --state-dir DIR --listen HOST:PORT]

Starts PostgreSQL, NATS, two replicas of the control plane behind one address, and three agents on
three libvirt hosts of their own, all on this machine, and writes DIR/clouds.yaml. Needs root.
Everything goes with it when it is ended (^C or SIGTERM).

  --state-dir DIR       where all of it is kept     [${STATE_DIR}]
  --listen HOST:PORT    where the APIs listen       [127.0.0.1:8774]
`;

async function lab(): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  // Told again, it goes on ending: npm hands on what the terminal, or who ends its group, has told this
  // process too.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopped.resolve());
  const asked = parse(process.argv.slice(2));
  if (asked === 'help') return void process.stdout.write(HELP);
  const obstacle = libvirtHostObstacle() ?? natsObstacle();
  if (obstacle !== undefined) throw new Failure('unavailable', obstacle);
  const { stateDir, listen } = asked;
  await mkdir(stateDir, { recursive: true, mode: 0o711 });
  const unlock = lockState(stateDir);
  const folder = join(stateDir, 'lab');
  const clouds = join(stateDir, 'clouds.yaml');
  try {
    await rm(folder, { recursive: true, force: true }); // what an earlier lab, that was killed, left
    await mkdir(folder, { mode: 0o711 });
    const say = (line: string) => void process.stderr.write(`lab: ${line}\n`);
    const control = { filter_scheduler: { enabled_filters: FILTER_NAMES.join(', ') } };
    const started = await startManyHosts({ listen, folder, say, control });
    try {
      await writeWhole(clouds, cloudsYaml({ url: started.url, password: ADMIN_PASSWORD }));
      process.stdout.write(
        `${welcome({ url: started.url, clouds, networks: 'on other hosts' })}${tour(started)}`,
      );
      await stopped.promise;
      say('ending');
    } finally {
      await started.close();
    }
  } finally {
    await rm(clouds, { force: true });
    unlock();
  }
}

function tour({ hosts, replicas, parts }: ManyHosts): string {
  const table = hosts.map(
    ({ name, serialOption, machine }) =>
      `  ${name}   ${serialOption.padEnd(6)}   ${machine.machineId}   ${machine.hostUuid}`,
  );
  return `Three hosts, each with a libvirtd of its own; two replicas, processes ${replicas.map(({ pid }) => pid).join(' and ')}:

  host    serial   machine-id                         host UUID
${table.join('\n')}

Its moves, as administrator:

  openstack server migrate --live-migration s1
  openstack server migrate s1 --wait && openstack server migration confirm s1
  openstack hypervisor list

All filters are enabled, so that aggregates can keep flavors and images on some hosts (docs/scheduling.md).

Logs and configuration of all parts are in ${parts.folder}.

`;
}

function parse(words: string[]) {
  try {
    const options = {
      'state-dir': { type: 'string', default: STATE_DIR },
      listen: { type: 'string', default: '127.0.0.1:8774' },
      help: { type: 'boolean', short: 'h' },
    } as const;
    const { values } = parseArgs({ args: words, options });
    if (values.help) return 'help';
    const listen = listenAddress().parse(values.listen);
    if ('refused' in listen) throw new Failure('invalid', `--listen ${values.listen}: ${listen.refused}`);
    return { stateDir: resolve(values['state-dir']), listen: listen.value };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('invalid', (error as Error).message);
  }
}

let status = 0;
try {
  await lab();
} catch (error) {
  const failure = asFailure(error);
  process.stderr.write(`lab: ${failure.operatorText}\n`);
  status = failure.kind === 'invalid' ? 2 : 1;
}
// At once: while a process winds itself down, a signal that it is told again would end it in that signal's
// way.
process.exit(status);
