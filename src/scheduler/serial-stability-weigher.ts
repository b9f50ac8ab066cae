import { decideSerial } from '../serial/decision.ts';
import { reportedIdentity } from '../serial/identity.ts';
import { demandsOwnSerial, wishesOf } from '../serial/policy.ts';
import type { Weigher } from './filter.ts';

/** For moves: prefers hosts that would give the guest the serial that it has now. A server that must have its own keeps it wherever it goes. */
export const serialStabilityWeigher: Weigher = {
  option: 'serial_stability_weight_multiplier',
  weightFor(wanted) {
    const { serverId, serial } = wanted;
    const wishes = wishesOf(wanted);
    if (serial === undefined || demandsOwnSerial(wishes)) return undefined;
    return ({ host }) => {
      const decision = decideSerial({ serverId, wishes }, reportedIdentity(host));
      return decision.decided && decision.serial === serial ? 1 : 0;
    };
  },
};
