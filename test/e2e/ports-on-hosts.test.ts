import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { GuestPlan } from '../../src/model/guest.ts';
import type { HostName } from '../../src/model/ids.ts';
import type { GuestPort, GuestRule } from '../../src/model/network/guest-port.ts';
import type { NetworkId, SubnetId } from '../../src/model/network/network-ids.ts';
import { GuestShell } from '../lab/guest-shell.ts';
import { libvirtHostObstacle } from '../lab/libvirt-host.ts';
import { type LibvirtMovesLab, openLibvirtMovesLab } from '../lab/libvirt-moves-lab.ts';
import { sampleAddress, samplePort } from '../lab/sample-port.ts';
import { TwoHosts } from '../laws/moves.ts';

const any = { portRangeMin: null, portRangeMax: null, remotes: null } as const;
const OUT: GuestRule = { ...any, direction: 'egress', ethertype: 'IPv4', protocol: null };
const PING: GuestRule = { ...any, direction: 'ingress', ethertype: 'IPv4', protocol: 'icmp' };
const STREAM: GuestRule = {
  ...{ direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp', portRangeMin: 7000, portRangeMax: 7000 },
  remotes: ['10.88.0.11/32'],
};
const FLAT = {
  ...{
    id: 'f1a7f1a7-0000-4000-8000-000000000001' as NetworkId,
    kind: 'flat' as const,
    physicalNetwork: 'physnet',
  },
  subnets: [],
} as const;

/** A port on the bridge that both hosts are on: nobody serves DHCP there. */
function flatPort(number: number, rules: readonly GuestRule[]): GuestPort {
  const subnetId = '5b5b5b5b-0000-4000-8000-00000000f1a7' as SubnetId;
  const address = sampleAddress({ subnetId, address: `10.88.0.${number}`, cidr: '10.88.0.0/24' });
  const mac = `fa:16:3e:88:00:${number.toString(16).padStart(2, '0')}` as GuestPort['mac'];
  return samplePort({ number, mac, network: FLAT, addresses: [address], rules });
}

interface Guest {
  readonly plan: GuestPlan;
  readonly ports: readonly [GuestPort, GuestPort];
  readonly shell: GuestShell;
}

describe('guests on their ports', { skip: libvirtHostObstacle() ?? false, timeout: 400_000 }, () => {
  let lab: LibvirtMovesLab;
  let hosts: TwoHosts;
  let one: Guest;
  let two: Guest;
  const at = new Map<string, HostName>();

  async function boot(ports: readonly [GuestPort, GuestPort]): Promise<Guest> {
    const plan = { ...hosts.plan(), ports };
    const server = plan.serverId;
    at.set(server, hosts.from);
    await hosts.boot(plan);
    const shell = new GuestShell(() => lab.serialLine(at.get(server) ?? hosts.from, server));
    return { plan, ports, shell };
  }

  before(async () => {
    lab = await openLibvirtMovesLab({ sharesDisks: true, bridged: true });
    hosts = new TwoHosts(lab);
    const rules = [OUT, PING];
    [one, two] = await Promise.all([
      boot([samplePort({ number: 11, rules }), flatPort(11, [OUT])]),
      boot([samplePort({ number: 12, rules }), flatPort(12, [OUT, STREAM])]),
    ]);
  });
  after(() => lab?.close());

  const plug = (guest: Guest, host: HostName, port: GuestPort) =>
    lab.ask(host, { verb: 'plug-ports', server: guest.plan.serverId, ports: [port] });

  it('each takes the address of its port by DHCP, and finds the other by its name', async () => {
    await one.shell.until('ip address show dev eth0 | grep -q 10.77.0.11/24');
    await two.shell.until('ip address show dev eth0 | grep -q 10.77.0.12/24');
    await one.shell.until('nslookup guest-12 | grep -q 10.77.0.12');
  });

  it('they reach each other as the rules of their security groups say, from one moment to the next', async () => {
    const [port] = two.ports;
    await one.shell.until('ping -c 1 -W 2 10.77.0.12');
    await plug(two, hosts.from, { ...port, rules: [OUT] });
    assert.equal((await one.shell.run('ping -c 2 -W 2 10.77.0.12')).status, 1, 'no rule lets it in');
    await two.shell.until('ping -c 1 -W 2 10.77.0.11');
    const from = (remotes: readonly string[]) => ({ ...port, rules: [OUT, { ...PING, remotes }] });
    await plug(two, hosts.from, from(['10.77.0.99/32']));
    assert.equal((await one.shell.run('ping -c 2 -W 2 10.77.0.12')).status, 1, 'not a member of the group');
    await plug(two, hosts.from, from(['10.77.0.11/32']));
    await one.shell.until('ping -c 1 -W 2 10.77.0.12');
  });

  it('what a guest sends under an address that is not its own is dropped, without port security it is not', async () => {
    await spoofedAreDropped(one, { device: 'eth0', own: '10.77.0.11', other: '10.77.0.12', at: '10.77.0' });
    const [port] = one.ports;
    await plug(one, hosts.from, { ...port, rules: null });
    await one.shell.run('ip address add 10.77.0.66/24 dev eth0');
    await one.shell.until('ping -c 1 -W 2 -I 10.77.0.66 10.77.0.1');
    await one.shell.run('ip address del 10.77.0.66/24 dev eth0');
    await plug(one, hosts.from, port);
  });

  it('an interface comes and goes while the guest runs', async () => {
    const port = samplePort({ number: 13 });
    const plan = { ...one.plan, ports: [...one.ports, port] };
    await lab.ask(hosts.from, { verb: 'attach-port', plan, port: port.id });
    await lab.ask(hosts.from, { verb: 'attach-port', plan, port: port.id });
    await one.shell.until('ip link | grep -q fa:16:3e:77:00:0d');
    const gone = { server: one.plan.serverId, port: port.id, mac: port.mac };
    await lab.ask(hosts.from, { verb: 'detach-port', ...gone });
    await lab.ask(hosts.from, { verb: 'detach-port', ...gone });
    await one.shell.until('! ip link | grep -q fa:16:3e:77:00:0d');
  });

  it('an open connection, MAC, address and rules survive a live migration', async () => {
    await one.shell.run('ip address add 10.88.0.11/24 dev eth1');
    await two.shell.run('ip address add 10.88.0.12/24 dev eth1');
    await two.shell.run('(nc -l -p 7000 >/dev/ttyS0 2>&1) & true');
    const ticks = 'i=0; while :; do i=$((i+1)); echo tick-$i-; sleep 1; done';
    await one.shell.run(`(${ticks}) | nc 10.88.0.12 7000 & sleep 1`);
    await two.shell.prints(/tick-2-/);
    await migrate(one);
    const last = Number(/.*tick-(\d+)-/s.exec(await lab.printed(hosts.from, two.plan.serverId))?.[1]);
    await two.shell.prints(new RegExp(`tick-${last + 3}-`));
    assert.equal((await two.shell.run('ping -c 2 -W 2 10.88.0.11')).status, 1, 'its rules went along');
    const spoof = { device: 'eth1', own: '10.88.0.11', other: '10.88.0.12', at: '10.88.0' };
    await spoofedAreDropped(one, spoof);
  });

  it('nothing of the ports is left on either host', async () => {
    for (const { plan } of [one, two])
      for (const host of lab.hosts) {
        await lab.ask(host, { verb: 'destroy', server: plan.serverId });
        await lab.ask(host, { verb: 'undefine', server: plan.serverId });
      }
    for (const host of lab.hosts) assert.deepEqual(await lab.portsLeft(host), []);
  });

  async function migrate({ plan }: Guest): Promise<void> {
    const { from, to } = hosts;
    const server = plan.serverId;
    const destination = await lab.ask(to, { verb: 'prepare-live', plan, disks: 'shared' });
    await lab.ask(from, { verb: 'migrate-live', server, destination, disks: 'shared' });
    await lab.ask(from, { verb: 'undefine', server });
    at.set(server, to);
  }

  /** Others on the network are asked who have what it sent; the guest itself hears nothing of its own. */
  async function spoofedAreDropped(
    { shell }: Guest,
    { device, own, other, at: net }: Record<'device' | 'own' | 'other' | 'at', string>,
  ): Promise<void> {
    const reach = device === 'eth0' ? `${net}.1` : other;
    const probe = (from: string) => `arping -c 2 -w 3 -I ${device} -s ${from} ${reach}`;
    await shell.until(probe(own));
    await shell.run(`ip address add ${net}.66/24 dev ${device}`);
    assert.equal((await shell.run(probe(`${net}.66`))).status, 1, 'another IP address');
    await shell.run(`ip address del ${net}.66/24 dev ${device}`);
    await shell.run(
      `ip link set ${device} down; ip link set ${device} address 02:00:00:00:00:66; ip link set ${device} up`,
    );
    assert.equal((await shell.run(probe(own))).status, 1, 'another MAC address');
    const mac = device === 'eth0' ? 'fa:16:3e:77:00:0b' : 'fa:16:3e:88:00:0b';
    await shell.run(
      `ip link set ${device} down; ip link set ${device} address ${mac}; ip link set ${device} up`,
    );
    await shell.until(probe(own));
  }
});
