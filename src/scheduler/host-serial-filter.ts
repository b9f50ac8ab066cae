import { decideSerial } from '../serial/decision.ts';
import { reportedHostIdentity } from '../serial/host-identity.ts';
import { demandsOwnSerial, serialPolicyOf } from '../serial/policy.ts';
import type { Filter } from './filter.ts';

/** As systemd writes it: with it every option can be followed. To see so is a tenth of the work of deciding, for each of ten thousand hosts. */
const PLAIN = /^(?!(.)\1{31})[0-9a-f]{32}\n?$/;

/**
 * A guest that is to have the host's serial goes only to hosts that can say what it is. The agent of another would refuse it, and that host,
 * which stays empty, would be chosen again and again. A guest that is moved live keeps its serial, but could not be started anew there.
 */
export const hostSerialFilter: Filter = {
  name: 'HostSerialFilter',
  onRebuild: true,
  forOwner: "can give it the host's serial: that is for the operator to mend",
  testFor(wanted) {
    const question = { serverId: wanted.serverId, policy: serialPolicyOf(wanted) };
    if (demandsOwnSerial(question.policy)) return undefined;
    return ({ host }) => {
      const { machineId } = host;
      if (host.serialOption !== 'hardware' && machineId.state === 'read' && PLAIN.test(machineId.text))
        return undefined;
      const decision = decideSerial(question, reportedHostIdentity(host));
      if (decision.decided) return undefined;
      return `The host cannot give the server the host's serial: [libvirt] sysinfo_serial = ${host.serialOption}, and ${decision.why}.`;
    };
  },
};
