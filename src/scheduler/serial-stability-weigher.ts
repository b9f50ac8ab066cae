import { decideSerial } from '../serial/decision.ts';
import { reportedHostIdentity } from '../serial/host-identity.ts';
import { demandsOwnSerial, serialPolicyOf } from '../serial/policy.ts';
import type { Weigher } from './filter.ts';

/**
 * For moves: prefers hosts that would give the guest its current serial. A server with its own serial keeps
 * it on any host.
 */
export const serialStabilityWeigher: Weigher = {
  option: 'serial_stability_weight_multiplier',
  weightFor(wanted) {
    const { serverId, serial } = wanted;
    const policy = serialPolicyOf(wanted);
    if (serial === undefined || demandsOwnSerial(policy)) return undefined;
    return ({ host }) => {
      const decision = decideSerial({ serverId, policy }, reportedHostIdentity(host));
      return decision.decided && decision.serial === serial ? 1 : 0;
    };
  },
};
