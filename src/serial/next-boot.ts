import type { SerialDecision, SerialRefusal } from '../model/serial.ts';
import type { Server } from '../model/server.ts';
import { decideSerial } from './decision.ts';
import { type ReportedHost, reportedHostIdentity } from './host-identity.ts';
import { serialPolicyOf } from './policy.ts';

/** The serial that a server's guest would be given by a hard boot on this host, by what the host last reported. */
export function decideNextBoot(
  server: Pick<Server, 'id' | 'flavor' | 'image'>,
  host: ReportedHost,
): SerialDecision | SerialRefusal {
  return decideSerial({ serverId: server.id, policy: serialPolicyOf(server) }, reportedHostIdentity(host));
}
