import type { Command, Verb } from '../model/command.ts';
import { Failure } from '../model/failure.ts';
import type { GuestPlan } from '../model/guest.ts';
import type { OperationId, ServerId } from '../model/ids.ts';
import type { Attachment } from '../model/network/attachment.ts';
import type { PortId } from '../model/network/network-ids.ts';
import type { AgentParts } from './parts.ts';

const PORT_VERBS = [
  ...(['plug-ports', 'unplug-ports', 'attach-port', 'detach-port'] as const),
] as const satisfies readonly Verb[];
type PortCommand = Command<(typeof PORT_VERBS)[number]>;

/** What the commands about ports are carried out with. */
export type PortParts = Pick<AgentParts, 'driver' | 'network'>;

/** Whether a command is about the ports of a guest. */
export function isPortCommand(command: Command): command is PortCommand {
  return PORT_VERBS.some((verb) => verb === command.verb);
}

/** Carries out one of them: networks are the backend's, interfaces the driver's. */
export async function runPort(parts: PortParts, command: PortCommand): Promise<undefined> {
  const { driver, network } = parts;
  switch (command.verb) {
    case 'plug-ports':
      return refreshPorts(parts, command);
    case 'unplug-ports':
      return unplugPorts(parts, command.server);
    case 'attach-port': {
      const { plan } = command;
      const port = plan.ports?.find(({ id }) => id === command.port);
      if (port === undefined)
        throw new Failure('invalid', `Port ${command.port} is no port of server ${plan.serverId}.`);
      await driver.attachInterface(plan, await network.plug(plan.serverId, port));
      return undefined;
    }
    case 'detach-port':
      await driver.detachInterface(command.server, command.mac);
      await network.unplug(command.port);
      return undefined;
  }
}

/** Lets a guest follow; what this host holds nothing for is left alone: the guest may have gone meanwhile. */
async function refreshPorts(
  { network }: PortParts,
  { server, ports }: Command<'plug-ports'>,
): Promise<undefined> {
  const held = await network.ports();
  const isHeld = (id: PortId) => held.some((port) => port.id === id && port.server === server);
  for (const port of ports) if (isHeld(port.id)) await network.plug(server, port);
}

/**
 * Prepares the ports of a plan on this host; undefined for a server whose interfaces are not ports.
 * @param operation that `unplugPorts` then undoes
 */
export async function plugPorts(
  { network }: Pick<PortParts, 'network'>,
  { serverId, ports }: GuestPlan,
  operation?: OperationId,
): Promise<readonly Attachment[] | undefined> {
  if (ports === undefined) return undefined;
  const attachments: Attachment[] = [];
  for (const port of ports) attachments.push(await network.plug(serverId, port, operation));
  return attachments;
}

/**
 * Removes all that the host holds for the ports of a server that has no guest here any more.
 * @param operation only for ports that this one had plugged first: the host was without them before
 */
export async function unplugPorts(
  { network }: Pick<PortParts, 'network'>,
  server: ServerId,
  operation?: OperationId,
): Promise<undefined> {
  for (const port of await network.ports())
    if (port.server === server && (operation === undefined || port.operation === operation))
      await network.unplug(port.id);
  return undefined;
}
