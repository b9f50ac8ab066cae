import { Failure } from '../../model/failure.ts';
import { addressKey, addressText, parseAddress } from '../../model/network/address.ts';
import { hostSpan, parseCidr } from '../../model/network/cidr.ts';
import type { Subnet } from '../../model/network/network.ts';
import type { NetworkId, PortId, SubnetId } from '../../model/network/network-ids.ts';
import type { FixedIp } from '../../model/network/port.ts';
import { contains } from '../../model/network/spans.ts';
import type { AddressRequest } from '../promise/networks.ts';
import type { PortAddressesTable } from '../sql/network-schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';
import { giveBack, refuseClaimed, takeChosen, takeNext } from './address-pools.ts';

type Subnets = ReadonlyMap<SubnetId, Subnet>;

const claim = statement((dialect, row: PortAddressesTable) =>
  dialect.db
    .insertInto('port_addresses')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('key'),
);

const unclaim = statement((dialect, of: { subnet: string; key: string }) =>
  dialect.db.deleteFrom('port_addresses').where('subnet_id', '=', of.subnet).where('key', '=', of.key),
);

/**
 * Chooses the addresses of a port and takes them out of the pools.
 * @param subnets held, of the port's network (`subnetsOfNetwork`)
 * @throws {Failure} `conflict` when one is taken or none is left, `invalid` when one is not of its subnet
 */
export async function takeAddresses(
  session: Session,
  subnets: Subnets,
  requests: readonly AddressRequest[],
): Promise<FixedIp[]> {
  const taken: FixedIp[] = [];
  // Chosen ones first: an address that was left to the store must not be the one chosen beside it.
  for (const chosen of [true, false])
    for (const request of requests) {
      if ((request.address !== undefined) !== chosen) continue;
      const subnet = subnets.get(request.subnetId) as Subnet;
      const address = await takeAddress(session, subnet, request.address).catch(async (error) => {
        if (error instanceof Failure) await putBack(session, subnets, taken); // the transaction may go on
        throw error;
      });
      taken.push({ subnetId: subnet.id, address });
    }
  return taken;
}

/** Gives back what was taken and not claimed: the next to be taken again. */
async function putBack(session: Session, subnets: Subnets, taken: readonly FixedIp[]): Promise<void> {
  for (const { subnetId, address } of taken) {
    const values = [parse(address).value];
    await giveBack(session, subnets.get(subnetId) as Subnet, { values, at: 0 });
  }
}

/** Records that a port has the addresses that were taken for it. */
export async function claimAddresses(
  session: Session,
  subnets: Subnets,
  { port, fixedIps }: { readonly port: PortId; readonly fixedIps: readonly FixedIp[] },
): Promise<void> {
  for (const { subnetId, address } of fixedIps) {
    const subnet = subnets.get(subnetId) as Subnet;
    const row = { subnet_id: subnetId, key: keyOf(address), address, port_id: port };
    if ((await claim(session, row)).length > 0) continue;
    await refuseClaimed(session, subnet, parse(address).value);
    throw new Failure('conflict', `The IP address ${address} of subnet ${subnetId} is in use.`, {
      type: 'IpAddressInUse',
    });
  }
}

/** Gives addresses of a port back to the pools. */
export async function releaseAddresses(
  session: Session,
  subnets: Subnets,
  { fixedIps, at }: { readonly fixedIps: readonly FixedIp[]; readonly at: number },
): Promise<void> {
  for (const { subnetId, address } of fixedIps) {
    await unclaim(session, { subnet: subnetId, key: keyOf(address) });
    const subnet = subnets.get(subnetId);
    if (subnet !== undefined) await giveBack(session, subnet, { values: [parse(address).value], at });
  }
}

/** @throws {Failure} `invalid` when a subnet is not of the network */
export function requireSubnetsOf(
  network: NetworkId,
  subnets: Subnets,
  requests: readonly AddressRequest[],
): void {
  for (const { subnetId } of requests)
    if (subnets.get(subnetId)?.networkId !== network)
      throw new Failure(
        'invalid',
        `Invalid input for operation: subnet ${subnetId} is not a subnet of network ${network}.`,
        { type: 'InvalidInput' },
      );
}

async function takeAddress(session: Session, subnet: Subnet, text: string | undefined): Promise<string> {
  if (text === undefined) return takeNext(session, subnet);
  const address = parseAddress(text);
  const cidr = parseCidr(subnet.cidr);
  if (
    address === undefined ||
    cidr === undefined ||
    address.version !== cidr.version ||
    !contains(hostSpan(cidr), address.value)
  )
    throw new Failure(
      'invalid',
      `IP address ${text.slice(0, 64)} is not a valid IP for the specified subnet ${subnet.id} (${subnet.cidr}).`,
      { type: 'InvalidIpForSubnet' },
    );
  const canonical = addressText(address);
  if (canonical === subnet.gatewayIp)
    throw new Failure(
      'conflict',
      `Unable to complete operation for network ${subnet.networkId}. The IP address ${canonical} is the gateway of subnet ${subnet.id}.`,
      { type: 'IpAddressInUse' },
    );
  await takeChosen(session, subnet, address.value);
  return canonical;
}

function keyOf(address: string): string {
  return addressKey(parse(address));
}

/** Of an address that is stored, so it can be read. */
function parse(text: string) {
  const address = parseAddress(text);
  if (address === undefined) throw new Failure('internal', `The stored address ${text} is none.`);
  return address;
}
