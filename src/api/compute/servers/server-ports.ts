import type { Server } from '../../../model/server.ts';
import type { RequestContext } from '../../http/route.ts';
import type { ServerWithPorts } from './view.ts';

/** A server with the ports that it shows. */
export async function withPorts({ parts }: RequestContext, server: Server): Promise<ServerWithPorts> {
  const shown = await parts.store.ports.shownOf([server.id]);
  return { server, ports: shown.get(server.id) ?? [] };
}
