import { Failure } from '../../model/failure.ts';
import { type HostName, isUuid, type ServerId } from '../../model/ids.ts';
import { parseChosenMac } from '../../model/network/mac.ts';
import type { Network } from '../../model/network/network.ts';
import type { MacAddress } from '../../model/network/network-ids.ts';
import { pythonRepr } from '../http/python-text.ts';
import { invalidInput, refusedByPolicy } from './refusals.ts';
import { isOfProject, type Reading } from './resource.ts';

/** Attributes of a port that not everybody may choose. */
interface Chosen {
  readonly mac_address?: string;
  readonly fixed_ips?: readonly { readonly ip_address?: string }[];
  readonly port_security_enabled?: boolean;
  readonly device_owner?: string;
}

/**
 * What only administrators and members of the network's project may choose (neutron/conf/policies/port.py
 * create_port:mac_address and its neighbours).
 * @throws {Failure} `forbidden`
 */
export function requireChoice(
  at: Reading,
  { network, asked, rule }: { network: Network; asked: Chosen; rule: 'create_port' | 'update_port' },
): void {
  if (isOfProject(at, network)) return;
  const refuse = (name: string) =>
    refusedByPolicy(
      `${rule}:${name}`,
      `the network belongs to another project, so an administrator or a member of that project chooses ${name}`,
    );
  if (asked.mac_address !== undefined) throw refuse('mac_address');
  if (asked.fixed_ips?.some(({ ip_address }) => ip_address !== undefined))
    throw refuse('fixed_ips:ip_address');
  if (rule === 'update_port' && asked.fixed_ips !== undefined) throw refuse('fixed_ips');
  if (asked.port_security_enabled !== undefined) throw refuse('port_security_enabled');
  if (asked.device_owner?.startsWith('network:')) throw refuse('device_owner');
}

/**
 * The host that an administrator writes into a port; the empty text is none. It shows there, and is the
 * server's own once the port is a server's.
 * @throws {Failure} `forbidden` (neutron/conf/policies/port.py create_port:binding:host_id)
 */
export function chosenHost(
  { caller }: Reading,
  {
    asked,
    rule,
  }: {
    readonly asked: { readonly 'binding:host_id'?: string | null };
    readonly rule: 'create_port' | 'update_port';
  },
): HostName | null | undefined {
  const host = asked['binding:host_id'];
  if (host === undefined) return undefined;
  if (!caller.isAdmin)
    throw refusedByPolicy(`${rule}:binding:host_id`, 'only an administrator chooses binding:host_id');
  return host === '' ? null : (host as HostName | null);
}

/** @throws {Failure} `invalid` (neutron_lib/api/validators/__init__.py validate_mac_address) */
export function chosenMac(text: string | undefined): MacAddress | null {
  if (text === undefined) return null;
  const mac = parseChosenMac(text);
  if (mac === undefined)
    throw new Failure(
      'invalid',
      `Invalid input for mac_address. Reason: ${pythonRepr(text)} is not a valid MAC address of one interface, such as fa:16:3e:01:02:03; its first byte must not be fe.`,
    );
  return mac;
}

/**
 * A port becomes a server's only by being attached to it: who writes a server's id into a port of its own
 * would show in that server's addresses.
 * @throws {Failure} `invalid`
 */
export async function refuseServerId({ store }: Reading, deviceId: string): Promise<void> {
  const id = deviceId.toLowerCase();
  if (isUuid(id) && (await store.servers.find(id as ServerId)) !== undefined)
    throw invalidInput(
      `device_id ${id} is a server; a port is attached to it with os-interface, or named when the server is created`,
    );
}
