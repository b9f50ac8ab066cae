import type { LibvirtHost } from './libvirt-host.ts';

/** A port by the names that a host has for it. */
export interface PortOnHost {
  readonly id: string;
  readonly mac: string;
}

/** Lines of `kind name`: all that a libvirt host holds for ports and networks. */
const LOOK = `
virsh nwfilter-list | awk '$2 ~ /^nameplate-/ {print "filter", $2}'
virsh nwfilter-binding-list | awk '$2 ~ /^nameplate-/ {print "filter binding", $1, $2}'
for net in $(virsh net-list --all --name | grep ^nameplate-); do
  echo "network $net"
  { virsh net-dumpxml "$net"; virsh net-dumpxml --inactive "$net"; } | awk '/<host mac=/ {print "DHCP entry", $0}'
done
ip -o link | awk '$2 ~ /^(vnet|tap|np[0-9a-f])/ {print "interface", $2, $(NF-2)}'
{ iptables-save; ip6tables-save; } 2>/dev/null | awk '/vnet/ {print "packet filter", $0}'`;

/**
 * What is left on a libvirt host of ports and of networks, one line each: filters and where they are bound,
 * networks, DHCP entries, interfaces of guests, rules of the kernel's packet filter.
 * @param of only what names one of these ports; all unless given
 */
export async function leftOnHost(
  host: Pick<LibvirtHost, 'exec'>,
  of?: readonly PortOnHost[],
): Promise<string[]> {
  const { stdout } = await host.exec('sh', ['-c', LOOK]);
  const lines = stdout.split('\n').filter((line) => line !== '');
  if (of === undefined) return lines;
  // libvirt gives the host's end of an interface the MAC of the guest's end, with another first byte.
  const names = of.flatMap(({ id, mac }) => [id, mac, `fe${mac.slice(2)}`]);
  return lines.filter((line) => names.some((name) => line.includes(name)));
}
