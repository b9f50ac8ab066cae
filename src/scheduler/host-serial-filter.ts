import { decideSerial } from '../serial/decision.ts';
import { reportedHostIdentity } from '../serial/host-identity.ts';
import { demandsOwnSerial, serialPolicyOf } from '../serial/policy.ts';
import type { Filter } from './filter.ts';

/**
 * A machine-id as systemd writes it satisfies every option. This test costs a tenth of a decision, which
 * counts with ten thousand hosts.
 */
const PLAIN = /^(?!(.)\1{31})[0-9a-f]{32}\n?$/;

/**
 * Places a guest that uses the host's serial only on hosts that have one. The agent of any other host refuses
 * the guest, and that host, being empty, would be chosen again and again. Live migration keeps the serial,
 * but the guest could not be started again there.
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
