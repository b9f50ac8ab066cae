import { Failure } from '../../model/failure.ts';
import type { ImportArguments } from './import-arguments.ts';
import type { ForeignDomain } from './read-domain.ts';

/** `identity` in the body of an import: what the domain has, unless an option says otherwise. Pure. */
export function identityOf(
  asked: ImportArguments,
  domain: ForeignDomain | undefined,
): Record<string, unknown> {
  const { mode } = asked;
  const machineType = asked.machineType ?? domain?.machineType;
  const machine = {
    ...(machineType !== undefined && { machine_type: machineType }),
    ...(domain !== undefined && { smbios: domain.smbios }),
  };
  if (mode === 'copy') return { mode, ...machine };
  const serial = asked.serial === false ? null : (asked.serial ?? domain?.serial);
  if (domain !== undefined && serial === undefined)
    throw new Failure(
      'invalid',
      `Domain ${domain.name} has the serial of its host (<smbios mode='host'>): say which the server is to keep, with --serial or --no-serial`,
    );
  const id = asked.uuid ?? domain?.uuid;
  const macs = asked.mac ?? domain?.macs ?? [];
  const diskSerial = asked.diskSerial ?? domain?.disk.serial;
  return {
    ...{ mode, ...machine },
    ...(id !== undefined && { id }),
    ...(serial !== undefined && { serial }),
    ...(diskSerial !== undefined && { disk_serials: { root: diskSerial } }),
    ...(macs.length > 0 && { mac_addresses: macs }),
  };
}

/** `networks` of the server: one for each interface that the old machine had. */
export function networksOf({ network, mac }: ImportArguments, domain: ForeignDomain | undefined): unknown {
  const named = network ?? [];
  if (named.length === 1 && named[0] === 'none') return 'none';
  if (named.length > 0) return named.map((uuid) => ({ uuid }));
  const count = (mac ?? domain?.macs)?.length ?? 1;
  if (count > 1)
    throw new Failure(
      'invalid',
      `the machine has ${count} interfaces: give --network for each of them, in their order`,
    );
  return count === 0 ? 'none' : 'auto';
}
