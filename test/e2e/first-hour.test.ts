import assert from 'node:assert/strict';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildDemoImage } from '../../demo-image/build.ts';
import { type LibvirtHost, libvirtHostObstacle, startLibvirtHost } from '../lab/libvirt-host.ts';
import { npmStart, type StartedService } from '../lab/started-service.ts';

const long = process.env.NAMEPLATE_LONG === '1' ? false : 'NAMEPLATE_LONG is not set';

/** Debian's openstacksdk, called as Ansible's `openstack.cloud.server` does. It prints what is left. */
const CREATE = `
import json, sys, openstack
cloud = openstack.connect()
made = cloud.create_server(sys.argv[1], image='nameplate-demo', flavor='n1.tiny', wait=True, timeout=120)
left = cloud.get_server(made.id)
print(json.dumps({'status': left.status, 'address': left.addresses['private'][0]['addr'], 'v4': made.private_v4}))
`;

/** Debian's openstack client, a command a line of its input; a command that fails ends it. */
const CLIENT = `
import shlex, sys
from openstackclient import shell
for line in sys.stdin:
    if shell.OpenStackShell().run(shlex.split(line)) != 0:
        sys.exit('failed: ' + line)
`;

describe('the first hour after npm start', { skip: libvirtHostObstacle() ?? false, timeout: 900_000 }, () => {
  let host: LibvirtHost;
  let stateDir: string;
  let service: StartedService;
  const addresses = new Map<string, string>();

  before(async () => {
    host = await startLibvirtHost({ name: 'first-hour' });
    stateDir = join(host.shared, 'state');
    const [built, cache] = [join(tmpdir(), 'nameplate-demo-image'), join(stateDir, 'cache')];
    await buildDemoImage({ cacheDir: built, log: () => {} });
    await mkdir(stateDir);
    await cp(built, cache, { recursive: true }); // the host reaches no archive of Debian's
    service = await npmStart(host, stateDir);
  });
  after(() => host?.stop());

  /** Runs a shell script on the host, where `npm start` said how to reach the cloud. */
  const run = async (script: string, ...words: string[]) => {
    const { stdout } = await host.exec('sh', ['-ec', `${service.commands[0]}\n${script}`, 'sh', ...words]);
    return stdout.trim();
  };
  const printed = (start: string) => {
    const found = service.commands.find((command) => command.startsWith(start));
    assert.ok(found, `npm start prints no command ${start}`);
    return found;
  };
  /** Runs it until it succeeds; the test's own timeout ends it. */
  const until = (script: string) => run(`until (${script}); do sleep 0.5; done`);
  const pings = (address: string) => until(`ping -c 1 -W 1 ${address}`);
  /** What a TCP connection to the port meets: nobody listens in the demo guest, so a refusal is an answer. */
  const knocks = (address: string, port: number) =>
    host
      .exec('timeout', ['2', 'bash', '-c', `</dev/tcp/${address}/${port}`])
      .then(String, ({ stderr }) => (String(stderr).includes('Connection refused') ? 'refused' : 'silence'));

  it('openstacksdk keeps the server that it made, logged in by clouds.yaml or by OS_ variables', async () => {
    const password = /password: "(.*)"/.exec(await readFile(join(stateDir, 'clouds.yaml'), 'utf8'))?.[1];
    const variables = [
      'unset OS_CLOUD OS_CLIENT_CONFIG_FILE',
      `export OS_AUTH_URL=http://127.0.0.1:8774/identity/v3 OS_USERNAME=admin OS_PASSWORD='${password}'`,
      'export OS_PROJECT_NAME=admin OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default',
    ];
    const create = '/usr/bin/python3 -c "$1" "$2"';
    const made = await Promise.all([
      run(create, CREATE, 'by-file'),
      run([...variables, create].join('\n'), CREATE, 'by-variables'),
    ]);
    for (const [index, name] of ['by-file', 'by-variables'].entries()) {
      const { status, address, v4 } = JSON.parse(made[index] ?? '');
      assert.deepEqual([status, v4], ['ACTIVE', address]);
      addresses.set(name, address);
      const shown = await run(`openstack server show -f value -c addresses ${name}`);
      assert.match(shown, new RegExp(`\\b${address}\\b`));
    }
  });

  it('the commands that npm start prints make a server that answers', async () => {
    await run(printed('openstack server create'));
    const address = printed('address=');
    await run(`${address}; ! ping -c 2 -W 1 $address`);
    assert.equal(await knocks(addresses.get('by-file') ?? '', 22), 'silence', 'no rule lets it in');
    await run(printed('openstack security group rule create --protocol icmp'));
    await until(`${address}; ${printed('ping')}`);
    for (const each of addresses.values()) await pings(each);
    assert.equal(await knocks(addresses.get('by-file') ?? '', 22), 'silence', 'no rule lets TCP in');
    await run(printed('openstack security group rule create --protocol tcp'));
    for (const each of addresses.values()) while ((await knocks(each, 22)) !== 'refused');
    assert.equal(await knocks(addresses.get('by-file') ?? '', 23), 'silence', 'the rule is for one port');
  });

  it('the client attaches and detaches networks, ports, addresses and groups of a running guest', {
    skip: long,
  }, async () => {
    await client(
      'network create lab',
      'subnet create --network lab --subnet-range 10.55.0.0/24 --dns-nameserver 10.55.0.9 lab4',
      'subnet set --name lab-4 lab4',
      'subnet unset --dns-nameserver 10.55.0.9 lab-4',
      'port create --network lab front',
      'port set --name rear --description d front',
      'server add port s1 rear',
      'server add network s1 lab',
      'server add fixed ip --fixed-ip-address 10.55.0.77 s1 lab',
      'server show s1',
      'server remove port s1 rear',
      'server add fixed ip s1 lab',
      'server remove network s1 lab',
      'security group create web',
      'security group rule create --protocol tcp --dst-port 80:81 --remote-group default web',
      'security group rule create --ethertype IPv6 --protocol ipv6-icmp --egress web',
      'security group rule list web',
      'server add security group s1 web',
      'server remove security group s1 web',
      'security group set --name web-2 web',
      'security group show web-2',
      'security group delete web-2',
      'port delete rear',
    );
    await until('[ "$(openstack port list --server s1 -f value -c ID | wc -l)" = 1 ]');
    const { stdout } = await host.exec('virsh', ['net-list', '--name']);
    assert.match(stdout, /^nameplate-\w+\s*$/, 'the network without ports is gone from the host');
    await client('subnet delete lab-4', 'network delete lab', 'network list', 'subnet list', 'port list');
    await until(`${printed('address=')}; ${printed('ping')}`);
  });

  it('a rule that is deleted, and a group that is taken away, close the way again', {
    skip: long,
  }, async () => {
    const address = addresses.get('by-file') ?? '';
    await run(
      `for id in $(openstack security group rule list --protocol icmp -f value -c ID default)
       do openstack security group rule delete $id; done`,
    );
    await until(`! ping -c 1 -W 1 ${address}`);
    await client(
      'security group create open',
      'security group rule create --protocol icmp open',
      'server add security group by-file open',
    );
    await pings(address);
    await client('server remove security group by-file open');
    await until(`! ping -c 1 -W 1 ${address}`);
  });

  it('nothing is left on the host when the servers are deleted', async () => {
    await run('openstack server delete --wait s1 by-file by-variables');
    const all = ['virsh net-list --all --name', 'virsh nwfilter-list', 'virsh list --all --name', 'ip link'];
    const { stdout } = await host.exec('sh', ['-c', all.join(';')]);
    assert.deepEqual(stdout.match(/nameplate-\S+|instance-\S+|vnet\d+|\bnp[0-9a-f]{8}\b/g) ?? [], []);
  });

  const client = (...commands: string[]) =>
    run(`printf '%s' "$2" | /usr/bin/python3 -c "$1"`, CLIENT, commands.map((each) => `${each}\n`).join(''));
});
