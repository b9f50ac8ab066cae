import { cpuText, previewCpu } from '../model/guest-cpu.ts';
import type { ComputeHost } from '../model/host.ts';
import { machineTypeToDefine } from '../model/machine-identity.ts';
import { type KnownPort, readInstead, recordedValues } from '../model/recorded-values.ts';
import type { SerialRecord } from '../model/serial.ts';
import type { Server } from '../model/server.ts';
import { explainSerial } from './decision.ts';
import { serialPolicyOf } from './policy.ts';
import { type PreviewedHost, previewMoves } from './preview.ts';

/** A value that the next definition of a guest changes, or for which its host refuses the definition. */
export interface ValueChange {
  readonly name: string;
  /** What the guest reads now. */
  readonly now: string | null;
  readonly outcome: 'changes' | 'refuses';
  /** What it reads then; null: nothing, or what only the definition tells. */
  readonly value: string | null;
  /** A sentence. */
  readonly why: string;
}

/** The fields of a host report that the next definition depends on. */
export type DefiningHost = PreviewedHost & Pick<ComputeHost, 'platforms' | 'guestCpu'>;

/** What a guest is known by, as far as it is stored. */
export interface KnownIdentity {
  readonly server: Pick<Server, 'id' | 'flavor' | 'image' | 'machine' | 'reads' | 'configDrive' | 'given'>;
  readonly ports: readonly KnownPort[];
  /** The record of the guest's last boot; null before the first. */
  readonly current: Pick<SerialRecord, 'serial'> | null;
}

/**
 * What the next definition on a host would do to the values that a guest reads, from the host's last report:
 * a hard reboot or start on its own host, a move to another one. Pure. Values that stay are left out.
 */
export function nextDefinition(known: KnownIdentity, host: DefiningHost): ValueChange[] {
  const decided = [
    ...serialChange(known, host),
    ...machineTypeChange(known, host),
    ...cpuChange(known, host),
  ];
  const names = decided.map(({ name }) => name);
  return [...decided, ...puttingRight(known).filter(({ name }) => !names.includes(name))];
}

function serialChange({ server, current }: KnownIdentity, host: DefiningHost): ValueChange[] {
  if (current === null) return [];
  const now = current.serial;
  const question = { serverId: server.id, policy: serialPolicyOf(server) };
  return previewMoves(question, [host], now).flatMap(({ outcome, decision, why }): ValueChange[] => {
    if (outcome === 'refuses') return [{ name: 'serial', now, outcome, value: null, why: why ?? '' }];
    if (outcome !== 'changes' || decision === null) return [];
    return [{ name: 'serial', now, outcome, value: decision.serial, why: explainSerial(decision) }];
  });
}

function machineTypeChange(
  { server }: KnownIdentity,
  { name: host, platforms }: DefiningHost,
): ValueChange[] {
  const { machine, reads, image } = server;
  if (machine === null) return [];
  const name = 'machine_type';
  const now = reads?.values[name] ?? machine.machineType;
  const named = image.properties.hw_machine_type?.trim() || undefined;
  const next = machineTypeToDefine(machine, named) ?? machine.machineType;
  if (platforms !== undefined && !platforms.machineTypes.includes(next)) {
    const why = `The machine type is to be ${next}; host ${host} has none of that name.`;
    return [{ name, now, outcome: 'refuses', value: null, why }];
  }
  if (next === machine.machineType) return [];
  const why = `The server's image asks for machine type ${next} (hw_machine_type).`;
  return [{ name, now, outcome: 'changes', value: next, why }];
}

function cpuChange({ server }: KnownIdentity, { guestCpu }: DefiningHost): ValueChange[] {
  const { machine, reads } = server;
  const started = machine?.cpu?.started ?? null;
  const { outcome, why } = previewCpu(machine?.cpu, guestCpu);
  if (started === null || (outcome !== 'changes' && outcome !== 'refuses')) return [];
  const now = reads?.values.cpu ?? cpuText(started);
  return [{ name: 'cpu', now, outcome, value: null, why: why ?? '' }];
}

/** The values that the guest was started with although others are recorded. */
function puttingRight({ server, ports }: KnownIdentity): ValueChange[] {
  const recorded = recordedValues(server, ports);
  return Object.entries(readInstead(server, recorded)).flatMap(([name, now]): ValueChange[] =>
    recorded[name] !== now
      ? [{ name, now, outcome: 'changes', value: recorded[name] ?? null, why: PUT_RIGHT }]
      : [],
  );
}

const PUT_RIGHT = 'The guest was started from a definition that was changed outside of Nameplate.';
