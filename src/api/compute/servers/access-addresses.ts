import { addressText, parseAddress } from '../../../model/network/address.ts';
import { Type } from '../../../model/schema.ts';
import type { Server } from '../../../model/server.ts';

type AccessAddresses = Pick<Server, 'accessIPv4' | 'accessIPv6'>;

/**
 * Schemas of the addresses that the user sets for display (nova/api/validation/parameter_types.py
 * accessIPv4, accessIPv6).
 */
export const accessAddressSchemas = {
  accessIPv4: Type.Optional(Type.String({ format: 'ipv4' })),
  accessIPv6: Type.Optional(Type.String({ format: 'ipv6' })),
};

/**
 * The addresses in a request, in canonical form, as Nova stores them (nova/objects/fields.py IPV6Address).
 */
export function accessAddressesOf({
  accessIPv4,
  accessIPv6,
}: {
  readonly accessIPv4?: string;
  readonly accessIPv6?: string;
}): Partial<AccessAddresses> {
  return {
    ...(accessIPv4 !== undefined && { accessIPv4: canonical(accessIPv4) }),
    ...(accessIPv6 !== undefined && { accessIPv6: canonical(accessIPv6) }),
  };
}

function canonical(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : addressText(address);
}
