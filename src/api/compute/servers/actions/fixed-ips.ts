import { requireUnlocked } from '../../../../model/action.ts';
import { Failure } from '../../../../model/failure.ts';
import { addressText, parseAddress } from '../../../../model/network/address.ts';
import type { NetworkId } from '../../../../model/network/network-ids.ts';
import { type FixedIp, MAX_ADDRESSES } from '../../../../model/network/port.ts';
import { Type } from '../../../../model/schema.ts';
import type { AddressRequest } from '../../../../store/promise/networks.ts';
import type { Route } from '../../../http/route.ts';
import { changePorts } from '../change-ports.ts';
import { IpAddressSchema } from '../field-schemas.ts';
import { action } from './action.ts';

const closed = { additionalProperties: false } as const;
const NetworkRef = Type.Object(
  {
    networkId: Type.Unsafe<string | number>({ type: ['string', 'number'], minLength: 1, maxLength: 36 }),
  },
  closed,
);
/** More subnets than a network has. */
const MOST = 1_000;

/** nova/api/openstack/compute/multinic.py MultinicController, gone with 2.44 */
export const fixedIpActions: readonly Route[] = [
  action({
    key: 'addFixedIp',
    until: '2.43',
    access: 'member',
    policy: 'os_compute_api:os-multinic:add',
    summary: "Give a server's port on a network one more address",
    schema: NetworkRef,
    async handle({ context, server, body }) {
      requireUnlocked(server, context.caller);
      const networkId = String(body.networkId) as NetworkId;
      await changePorts(context, server, async (ports, tx) => {
        const port = ports.find((each) => each.networkId === networkId);
        const subnets = await tx.subnets.list({ networkIds: [networkId] }, { limit: MOST });
        const [subnet] = subnets;
        if (port === undefined || subnet === undefined)
          throw new Failure('invalid', `Network could not be found for instance ${server.id}.`);
        if (port.fixedIps.length >= MAX_ADDRESSES)
          throw new Failure(
            'invalid',
            `Port ${port.id} of instance ${server.id} has ${port.fixedIps.length} fixed IPs, and may have at most ${MAX_ADDRESSES}.`,
          );
        return [[port, { addresses: [...port.fixedIps.map(kept), { subnetId: subnet.id }] }]];
      });
    },
  }),
  action({
    key: 'removeFixedIp',
    until: '2.43',
    access: 'member',
    policy: 'os_compute_api:os-multinic:remove',
    summary: 'Take an address from a server',
    schema: Type.Object({ address: IpAddressSchema }, closed),
    async handle({ context, server, body }) {
      requireUnlocked(server, context.caller);
      const parsed = parseAddress(body.address);
      const address = parsed === undefined ? body.address : addressText(parsed);
      await changePorts(context, server, (ports) => {
        const port = ports.find(({ fixedIps }) => fixedIps.some((each) => each.address === address));
        if (port === undefined)
          throw new Failure('invalid', `Instance ${server.id} does not have fixed IP '${address}'.`);
        const left = port.fixedIps.filter((each) => each.address !== address);
        return [[port, { addresses: left.map(kept) }]];
      });
    },
  }),
];

function kept({ subnetId, address }: FixedIp): AddressRequest {
  return { subnetId, address };
}
