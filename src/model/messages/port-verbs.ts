import { GUEST_PLAN } from './guest-plan.ts';
import { GUEST_PORTS, MAC_ADDRESS } from './guest-port.ts';
import { UUID } from './primitives.ts';
import type { VerbSchemas } from './verb.ts';

/** The protocol that ports came with. */
const SINCE = 2;

/** Commands about the ports of a guest. */
export const PORT_VERBS: VerbSchemas<'plug-ports' | 'unplug-ports' | 'attach-port' | 'detach-port'> = {
  'plug-ports': { since: SINCE, ask: { server: UUID, ports: GUEST_PORTS }, reply: null },
  'unplug-ports': { since: SINCE, ask: { server: UUID }, reply: null },
  'attach-port': { since: SINCE, ask: { plan: GUEST_PLAN, port: UUID }, reply: null },
  'detach-port': { since: SINCE, ask: { server: UUID, port: UUID, mac: MAC_ADDRESS }, reply: null },
};
