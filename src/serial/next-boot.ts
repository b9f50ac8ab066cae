import type { SerialDecision, SerialRefusal } from '../model/serial.ts';
import type { Server } from '../model/server.ts';
import { decideSerial } from './decision.ts';
import { type ReportedHost, reportedHostIdentity } from './host-identity.ts';
import { serialPolicyOf } from './policy.ts';

/** Decides which serial a hard boot on this host would give, from the host's last report. */
export function decideNextBoot(
  server: Pick<Server, 'id' | 'flavor' | 'image'>,
  host: ReportedHost,
): SerialDecision | SerialRefusal {
  return decideSerial({ serverId: server.id, policy: serialPolicyOf(server) }, reportedHostIdentity(host));
}
