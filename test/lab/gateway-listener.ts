/**
 * Listens on a port of the loopback that it finds, hands the socket to its parent, and ends with the channel
 * to it.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

process.once('disconnect', () => process.exit());
const server = createServer().listen(Number(process.argv[2]), '127.0.0.1');
await once(server, 'listening');
process.send?.('listening', server);
