import { connectionOf } from '../main/connection.ts';
import type { ComputeHost } from '../model/host.ts';
import { isDown } from '../model/host-down.ts';
import { inabilityOf } from '../model/messages/agent-ability.ts';
import { protocolOf } from '../model/protocol.ts';
import { doubtfulIdentity } from '../serial/doubtful-identity.ts';
import { identityFault, reportedHostIdentity } from '../serial/host-identity.ts';
import { describeOwnSerialObstacle } from '../serial/own-serial.ts';
import { describeSharedIdentity } from '../serial/shared-identity.ts';
import { openStore } from '../store/open.ts';
import type { ConfigArguments } from './arguments.ts';
import { columns } from './columns.ts';
import { load } from './running.ts';
import type { Terminal } from './terminal.ts';

/** Prints the registered compute hosts from the store. */
export async function hostList(asked: ConfigArguments, terminal: Terminal): Promise<void> {
  const { config } = load(asked);
  const store = await openStore({ connection: connectionOf(config) });
  try {
    const hosts = await store.hosts.list();
    const serviceDownMs = config.DEFAULT.service_down_time * 1000;
    const rows = hosts.map((host) => [
      host.name,
      isDown(host, { serviceDownMs }) ? 'down' : 'up',
      host.status,
      host.zone,
      host.hostIp,
      host.serialOption,
      host.version,
      String(protocolOf(host)),
      new Date(host.lastSeenAt).toISOString(),
    ]);
    terminal.out(
      columns([
        ['HOST', 'STATE', 'STATUS', 'ZONE', 'ADDRESS', 'SERIAL', 'RELEASE', 'PROTOCOL', 'LAST SEEN'],
        ...rows,
      ]),
    );
    const shared = (await store.hosts.sharedIdentities()).map(describeSharedIdentity);
    const notes = [...shared, ...hosts.flatMap(shortcomingsOf)];
    if (notes.length > 0) terminal.out(`\n${notes.join('\n')}\n`);
  } finally {
    await store.close();
  }
}

/** Notes for operators about the serials of a host, one a line. */
function shortcomingsOf(host: ComputeHost): string[] {
  const identity = reportedHostIdentity(host);
  const fault = identityFault(identity);
  const doubt = doubtfulIdentity(identity);
  const obstacle = describeOwnSerialObstacle(host);
  const inability = inabilityOf(host, []);
  return [
    ...(inability === undefined ? [] : [`${inability} No server is placed there.`]),
    ...(fault === undefined ? [] : [`Host ${host.name} cannot give guests its own serial: ${fault}`]),
    ...(doubt === undefined ? [] : [`Host ${host.name}: ${doubt}`]),
    ...(obstacle === undefined
      ? []
      : [`Host ${host.name} cannot give servers their own serial: ${obstacle}`]),
  ];
}
