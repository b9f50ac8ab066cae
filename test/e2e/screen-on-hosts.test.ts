import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { GuestPlan } from '../../src/model/guest.ts';
import type { HostName, OperationId } from '../../src/model/ids.ts';
import { libvirtHostObstacle } from '../lab/libvirt-host.ts';
import { type LibvirtMovesLab, openLibvirtMovesLab } from '../lab/libvirt-moves-lab.ts';
import { TwoHosts } from '../laws/moves.ts';

/** Prints the first line that a VNC server sends, which names its protocol. */
const GREETING = `
import socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect(sys.argv[1])
print(line.recv(12).decode().strip())
`;

describe('the screen of a guest', { skip: libvirtHostObstacle() ?? false, timeout: 300_000 }, () => {
  let lab: LibvirtMovesLab;
  let hosts: TwoHosts;
  let plan: GuestPlan;

  const run = async (name: HostName, ...command: [string, ...string[]]) =>
    (await lab.hostOf(name).exec(command[0], command.slice(1))).stdout.trim();
  const liveXml = (name: HostName) => run(name, 'virsh', 'dumpxml', plan.serverId);
  const places = (xml: string) => xml.match(/<address type='pci'[^>]*>/g);

  /** The socket that a running guest's definition names. */
  async function socketAt(name: HostName): Promise<string> {
    return /<listen type='socket' socket='([^']+)'/.exec(await liveXml(name))?.[1] ?? '';
  }

  async function assertScreen(name: HostName): Promise<void> {
    const socket = await socketAt(name);
    assert.match(await run(name, 'python3', '-c', GREETING, socket), /^RFB 003\.00/);
    const asNobody = run(name, 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'ls', socket);
    await assert.rejects(asNobody, /Permission denied/);
    const { stdout } = await lab.hostOf(name).exec('sh', ['-c', 'cat /proc/net/tcp /proc/net/tcp6']);
    const listening = [...stdout.matchAll(/:([0-9A-F]{4}) [0-9A-F:]+ 0A /g)].map(([, port]) =>
      Number.parseInt(port ?? '', 16),
    );
    assert.deepEqual(
      listening.filter((port) => port >= 5700 && port < 6000),
      [],
      'no port of VNC',
    );
  }

  before(async () => {
    lab = await openLibvirtMovesLab({ sharesDisks: false });
    hosts = new TwoHosts(lab);
    const made = hosts.plan();
    const properties = { ...made.image.properties, hw_qemu_guest_agent: 'yes' };
    plan = { ...made, image: { ...made.image, properties } };
    await hosts.boot(plan);
  });
  after(async () => lab?.close());

  it('is a VNC server on a socket that others on the host cannot reach', () => assertScreen(hosts.from));

  it('comes with the channel of a guest agent where the image has one', async () => {
    const channel =
      /<source mode='bind' path='([^']+)'\/>\s*<target type='virtio' name='org.qemu.guest_agent.0'/;
    const [, path] = channel.exec(await liveXml(hosts.from)) ?? [];
    assert.equal(await run(hosts.from, 'stat', '-c', '%F', path ?? ''), 'socket');
  });

  it('is there after a suspend, under another number of the guest', async () => {
    const before = await socketAt(hosts.from);
    await lab.ask(hosts.from, { verb: 'suspend', server: plan.serverId });
    await lab.ask(hosts.from, { verb: 'resume', server: plan.serverId });
    assert.notEqual(await socketAt(hosts.from), before);
    await assertScreen(hosts.from);
  });

  it('goes along with a live migration, and every device keeps its place', async () => {
    const before = await liveXml(hosts.from);
    const read = await lab.ask(hosts.from, { verb: 'machine-identity', server: plan.serverId });
    assert.ok(read !== null);
    const { interfaces: _none, ...machine } = read;
    await hosts.migrate(plan, await hosts.prepare(plan));
    assert.notEqual(await socketAt(hosts.to), /socket='([^']+)'/.exec(before)?.[1], 'the numbers differ');
    await assertScreen(hosts.to);
    assert.deepEqual(places(await liveXml(hosts.to)), places(before));
    const moved = { verb: 'machine-identity', server: plan.serverId } as const;
    assert.deepEqual(await lab.ask(hosts.to, moved), read);
    const define = {
      verb: 'define',
      plan: { ...plan, machine },
      operation: randomUUID() as OperationId,
    } as const;
    const defined = await lab.ask(hosts.to, define);
    const { cpu: _cpu, ...held } = defined.machine ?? assert.fail();
    assert.deepEqual(held, machine);
  });
});
