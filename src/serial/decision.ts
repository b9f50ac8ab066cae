import type { ServerId } from '../model/ids.ts';
import type { SerialDecision, SerialInput, SerialRefusal, SerialSource } from '../model/serial.ts';
import { type HostIdentity, serialOfHardware, serialOfMachineId, usesMachineId } from './host-identity.ts';
import { demandsOwnSerial, FLAVOR_KEY, IMAGE_KEY, type SerialOption, type SerialPolicy } from './policy.ts';

/** The server's part of the decision. The host's part is `HostIdentity`. */
export interface SerialDecisionInput {
  readonly serverId: ServerId;
  readonly policy: SerialPolicy;
}

/**
 * Decides a guest's serial by the table of `docs/serial.md`. The agent calls it with its own host identity to
 * define a guest. The API calls it with reported host identities to explain and preview.
 * What the server was imported with comes before all rules.
 * Mirrors nova/virt/libvirt/driver.py _get_guest_config_sysinfo, with flavor and image as the specification
 * adds them.
 * @param identity the host identity; its machine-id is read only if policy and option need it
 */
export function decideSerial(
  input: SerialDecisionInput,
  identity: HostIdentity,
): SerialDecision | SerialRefusal {
  const { serverId, policy } = input;
  const host: SerialInput = { input: 'host', value: identity.option };
  const said = (wanted: boolean) => policyInputs(policy).filter(({ value }) => value === String(wanted));
  const { withoutSmbios } = identity;
  const { given } = policy;
  if (given === null || (given !== undefined && withoutSmbios === undefined))
    return {
      ...{ decided: true, serial: given, source: given === null ? 'none' : 'import', host: identity.host },
      because: [{ input: 'import', value: given ?? 'none' }],
      overruled: [...policyInputs(policy), host],
    };
  if (withoutSmbios !== undefined) return withoutSerial(policy, identity, withoutSmbios);
  const own = { decided: true, serial: serverId, source: 'server', host: identity.host } as const;

  if (demandsOwnSerial(policy)) {
    const hostAgrees = identity.option === 'unique';
    return {
      ...own,
      because: hostAgrees ? [...said(true), host] : said(true),
      overruled: hostAgrees ? said(false) : [...said(false), host],
    };
  }
  const denied = said(false);
  if (identity.option === 'unique' && denied.length === 0) return { ...own, because: [host], overruled: [] };

  const superseded = identity.option === 'unique';
  const found = hostSerial(superseded ? 'auto' : identity.option, identity);
  if ('why' in found) return { decided: false, host: identity.host, why: found.why };
  return {
    decided: true,
    serial: found.serial,
    source: found.source,
    because: superseded ? denied : [host],
    overruled: superseded ? [host] : [],
    host: identity.host,
  };
}

/** Without an SMBIOS table no guest has a serial, and a guest that must have its own is refused. */
function withoutSerial(
  policy: SerialPolicy,
  { host, option }: HostIdentity,
  architecture: string,
): SerialDecision | SerialRefusal {
  if (demandsOwnSerial(policy))
    return { decided: false, host, why: `guests of architecture ${architecture} cannot be given a serial` };
  const asked: SerialInput[] = option === 'none' ? [] : [{ input: 'host', value: option }];
  return {
    ...{ decided: true, serial: null, source: 'none', host },
    because: [{ input: 'architecture', value: architecture }],
    overruled: [...policyInputs(policy), ...asked],
  };
}

/** The inputs of flavor and image. */
function policyInputs(policy: SerialPolicy): SerialInput[] {
  const inputs: SerialInput[] = [];
  if (policy.flavor !== undefined) inputs.push({ input: 'flavor', value: String(policy.flavor) });
  if (policy.image !== undefined) inputs.push({ input: 'image', value: String(policy.image) });
  return inputs;
}

type HostSerial = { serial: string | null; source: SerialSource } | { why: string };

function hostSerial(option: Exclude<SerialOption, 'unique'>, identity: HostIdentity): HostSerial {
  if (option === 'none') return { serial: null, source: 'none' };
  if (usesMachineId(option, identity)) {
    const read = serialOfMachineId(identity.machineId);
    return read.ok ? { serial: read.serial, source: 'os' } : { why: read.why };
  }
  const read = serialOfHardware(identity);
  if (!read.ok) return { why: read.why };
  return { serial: read.serial, source: read.serial === null ? 'none' : 'hardware' };
}

/** Explains a decision in one sentence. */
export function explainSerial(decision: SerialDecision): string {
  const { host } = decision;
  if (decision.source === 'outside')
    return `The guest was started with this serial on host ${decision.host}, because its definition was changed outside of Nameplate; the next hard boot decides it anew.`;
  const what = {
    import: 'the one that the server was imported with',
    server: "the server's own UUID",
    os: `the machine-id of host ${host}`,
    hardware: `the hardware UUID of host ${host}`,
    none: 'no serial at all',
  }[decision.source];
  const because = decision.because.map(describeInput).join(' and ');
  const lost = decision.overruled.map(describeInput).join(' and ');
  return `The serial is ${what}, because ${because}${lost === '' ? '' : `; overruled: ${lost}`}.`;
}

function describeInput(input: SerialInput): string {
  if (input.input === 'import') return `the import gave the server ${input.value === 'none' ? 'none' : 'it'}`;
  if (input.input === 'flavor') return `the flavor says ${FLAVOR_KEY}=${input.value}`;
  if (input.input === 'image') return `the image says ${IMAGE_KEY}=${input.value}`;
  if (input.input === 'architecture') return `guests of architecture ${input.value} cannot be given one`;
  return `the host says sysinfo_serial=${input.value}`;
}
