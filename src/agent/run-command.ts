import type { Command, DefinedGuest } from '../model/command.ts';
import { Failure } from '../model/failure.ts';
import { type HostDescription, hostMarker } from '../model/host.ts';
import { decideSerial } from '../serial/decision.ts';
import { withoutSmbios } from '../serial/host-identity.ts';
import { demandsOwnSerial, type SerialPolicy, serialPolicyOf } from '../serial/policy.ts';
import { readMachineId } from './machine-id.ts';
import type { AgentParts } from './parts.ts';
import { isMoveCommand, type MoveParts, runMove } from './run-move.ts';
import { isPortCommand, type PortParts, plugPorts, runPort, unplugPorts } from './run-port.ts';

type Parts = Pick<AgentParts, 'host' | 'serialOption' | 'machineIdFile'> & MoveParts & PortParts;

/** Carries out one command. The agent itself decides the serial; the driver does everything else. */
export async function runCommand(
  parts: Parts,
  description: HostDescription,
  { command, signal }: { command: Command; signal: AbortSignal },
): Promise<unknown> {
  const { driver } = parts;
  if (isMoveCommand(command)) return runMove(parts, command, signal);
  if (isPortCommand(command)) return runPort(parts, command);
  switch (command.verb) {
    case 'create-disks':
      return driver.createDisks(command, signal);
    case 'cache-image':
      return driver.cacheImage(command, signal);
    case 'delete-disks':
      return driver.deleteDisks(command.server, command.set);
    case 'define':
      return define(parts, description, command);
    case 'restore-definition':
      return restoreDefinition(parts, command);
    case 'undefine':
      await driver.undefine(command.server);
      return unplugPorts(parts, command.server);
    case 'forget-definition':
      return driver.forgetDefinition(command.server, command.operation);
    case 'shutdown':
      return driver.shutdown(command.server, command.timeoutMs);
    case 'soft-reboot':
      return driver.softReboot(command.server, command.timeoutMs);
    case 'machine-identity':
      return driver.machineIdentity(command.server);
    case 'read-guest':
      return driver.readGuest(command.server);
    case 'console-log':
      return driver.consoleLog(command.server, command.lines);
    default:
      return driver[command.verb](command.server);
  }
}

/**
 * Decides the serial, then writes the definition. A host whose serial source is broken refuses here, before
 * it changes anything of the guest.
 */
async function define(
  parts: Parts,
  description: HostDescription,
  command: Command<'define'>,
): Promise<DefinedGuest> {
  const { plan, operation } = command;
  const policy = serialPolicyOf(plan);
  const file = parts.machineIdFile;
  const decision = decideSerial(
    { serverId: plan.serverId, policy },
    {
      host: parts.host,
      option: parts.serialOption,
      machineId: demandsOwnSerial(policy) ? { state: 'absent', file } : await readMachineId(file),
      hardwareUuid: description.hardwareUuid,
      withoutSmbios: withoutSmbios(description),
    },
  );
  if (!decision.decided)
    throw new Failure('conflict', serialRefusal(policy), {
      operatorText: `Host ${parts.host}, [libvirt] sysinfo_serial = ${parts.serialOption}: ${decision.why}`,
    });
  const attachments = await plugPorts(parts, plan, operation);
  const machine = await parts.driver.define({
    ...{ plan, serial: decision.serial, operation },
    ...(attachments !== undefined && { attachments }),
  });
  await parts.driver.moves.markDisks(plan.serverId, hostMarker(parts.host));
  return { ...decision, machine };
}

/**
 * The host is as it was before the operation, which may have come no further than to ports. One that came not
 * even there asks nothing of the hypervisor, which may be away.
 */
async function restoreDefinition(
  parts: PortParts,
  { server, operation }: Command<'restore-definition'>,
): Promise<undefined> {
  await parts.driver.restoreDefinition(server, operation);
  return unplugPorts(parts, server, operation);
}

/** The text for the owner of the server, without files or options of the host. */
function serialRefusal(policy: SerialPolicy): string {
  return `The compute host cannot give the guest ${demandsOwnSerial(policy) ? 'its own serial' : "the host's serial"}.`;
}
