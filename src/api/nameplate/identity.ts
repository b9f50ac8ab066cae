import type { GivenIdentity } from '../../model/given-identity.ts';
import { cpuText, type RecordedCpu } from '../../model/guest-cpu.ts';
import type { HostName } from '../../model/ids.ts';
import { type DiskRole, hasScreen, type MachineIdentity } from '../../model/machine-identity.ts';
import type { Port } from '../../model/network/port.ts';
import { Type } from '../../model/schema.ts';
import type { SerialRecord } from '../../model/serial.ts';
import type { Server } from '../../model/server.ts';
import { explainSerial } from '../../serial/decision.ts';
import { ledgerHeadOf } from '../../serial/ledger-entry.ts';
import { foundServer } from '../compute/servers/found-server.ts';
import { hostIdOf } from '../compute/servers/view.ts';
import { type RequestContext, route } from '../http/route.ts';
import { listOf, object, text, textOrNull, word } from '../http/shape.ts';

const Params = Type.Object({ server_id: Type.String() });

/** A value that software in a guest may know its machine by. */
interface IdentityValue {
  readonly name: string;
  readonly value: string | null;
  /** `held`: no operation changes it. `decided`: decided anew with each definition. */
  readonly rule: 'held' | 'decided';
  readonly explanation: string;
}

const shown = object({
  identity: object(
    {
      server_id: text,
      values: listOf(
        object(
          { name: text, value: textOrNull, rule: word('held', 'decided'), explanation: text },
          'IdentityValue',
        ),
      ),
    },
    'MachineIdentity',
  ),
});

/** `GET /nameplate/v1/servers/{id}/identity`: all that the server's guest is known by. */
export const identityRoute = route({
  method: 'GET',
  path: '/servers/:server_id/identity',
  access: 'reader',
  policy: 'nameplate:servers:identity',
  summary: "Show all values that a server's guest is known by, and what decided each",
  schemas: { params: Params },
  status: 200,
  response: shown,
  async handle(context: RequestContext<{ server_id: string }>) {
    const { store } = context.parts;
    const server = await foundServer(context, context.params.server_id);
    const [records, ports] = [await store.serials.of(server.id), await store.ports.ofServers([server.id])];
    return {
      identity: {
        server_id: server.id,
        values: [
          held('uuid', server.id, "The server's id, which is also its guest's system UUID."),
          ...serialValue(server, ledgerHeadOf(records).current, context.caller.isAdmin),
          ...(server.machine === null ? [] : machineValues(server.machine, server.given)),
          ...cpuValue(server.machine?.cpu),
          ...(ports.get(server.id) ?? []).flatMap((port) => portValues(port, server.machine)),
        ],
      },
    };
  },
});

function held(name: string, value: string | null, explanation: string): IdentityValue {
  return { name, value, rule: 'held', explanation };
}

function serialValue(
  server: Server,
  current: SerialRecord | undefined | null,
  isAdmin: boolean,
): IdentityValue[] {
  if (current === undefined || current === null) return [];
  const host = isAdmin ? current.host : (hostIdOf(server.projectId, current.host) as HostName);
  const explanation = explainSerial({ decided: true, ...current, host });
  return [{ name: 'serial', value: current.serial, rule: 'decided', explanation }];
}

const GIVEN = 'Given when the server was imported.';

function machineValues(machine: MachineIdentity, given: GivenIdentity | null): IdentityValue[] {
  const { smbios, machineType, diskSerials, addresses } = machine;
  const names = Object.entries(smbios ?? {}).map(([name, value]) =>
    held(
      `smbios.${name}`,
      value,
      given?.smbios ? GIVEN : 'Written into the SMBIOS system table by the first definition.',
    ),
  );
  const serials = Object.entries(diskSerials).map(([role, value]) =>
    held(
      `disk.${role}.serial`,
      value,
      given?.diskSerials[role as DiskRole] === value
        ? GIVEN
        : "Made from the server's id and the role of the disk.",
    ),
  );
  const places = Object.entries(addresses)
    .filter(([device]) => !device.startsWith('interface/'))
    .map(([device, value]) =>
      held(`${device.replace('/', '.')}.pci_address`, value, 'Assigned by libvirt at the first definition.'),
    );
  const type = held(
    'machine_type',
    machineType,
    given?.machineType === machineType ? GIVEN : 'The canonical machine type of the first definition.',
  );
  const screen = hasScreen(machine)
    ? held('screen', 'vnc', 'Every guest has one that release 0.1 did not define.')
    : held('screen', null, 'Release 0.1 defined the guest without one. A rebuild gives it one.');
  return [type, ...names, ...serials, ...places, screen];
}

function cpuValue(cpu: RecordedCpu | undefined): IdentityValue[] {
  if (cpu === undefined) return [];
  const { configured, held: isHeld, started } = cpu;
  const asked = configured === null ? '' : `, which asked for ${configured}`;
  const decided = `[libvirt] cpu_mode of the compute host${asked}.`;
  return [
    {
      name: 'cpu',
      value: started && cpuText(started),
      rule: isHeld ? 'held' : 'decided',
      explanation: isHeld
        ? `Read when the guest was first started. Later definitions repeat it ([libvirt] hold_cpu). Decided by ${decided}`
        : `Read when the guest was last started. Decided anew with each definition, by ${decided}`,
    },
  ];
}

function portValues({ id, mac, fixedIps }: Port, machine: MachineIdentity | null): IdentityValue[] {
  const place = machine?.addresses[`interface/${mac}`];
  return [
    held(`port.${id}.mac_address`, mac, 'Claimed by the port; no other port has it.'),
    ...fixedIps.map(({ address }) =>
      held(`port.${id}.ip_address`, address, 'Claimed by the port in its subnet.'),
    ),
    ...(place === undefined
      ? []
      : [held(`port.${id}.pci_address`, place, 'Assigned by libvirt when the interface was first defined.')]),
  ];
}
