import { connect, type Socket } from 'node:net';
import type { Cloud } from '../api/cloud.ts';

/** One kind of bad request, and how it is sent. */
export interface BadKind {
  readonly name: string;
  /** Sends it as often as it is worth. @returns the statuses of the answers */
  send(cloud: Cloud): Promise<readonly number[]>;
}

const MIB = 1024 ** 2;
const SERVER = { name: 'bad', networks: 'none' };

export const BAD_KINDS: readonly BadKind[] = [
  { name: 'create of 1,000,000 servers', send: (cloud) => times(5, () => create(cloud, { min_count: 1_000_000 })) },
  { name: 'create of up to 100,000 servers', send: (cloud) => times(5, () => create(cloud, { max_count: 100_000 })) },
  { name: 'create with 20,000 metadata items', send: (cloud) => times(5, () => create(cloud, { metadata: items(20_000) })) },
  { name: 'one byte as octet-stream for JSON', send: (cloud) => times(20, () => raw(cloud, 'POST', '/image/v2/images/x/members', 'x', 'application/octet-stream')) },
  { name: 'JSON nested 500,000 deep', send: (cloud) => times(10, () => raw(cloud, 'POST', '/compute/v2.1/servers', '['.repeat(500_000))) },
  { name: 'JSON nested 400,000 deep, whole', send: (cloud) => times(10, () => raw(cloud, 'POST', '/compute/v2.1/servers', `{"server":${'['.repeat(400_000)}${']'.repeat(400_000)}}`)) },
  { name: 'JSON array of 500,000', send: (cloud) => times(10, () => raw(cloud, 'POST', '/compute/v2.1/servers', `{"server":[${'1,'.repeat(500_000)}1]}`)) },
  { name: 'JSON object of 60,000 keys', send: (cloud) => times(10, () => raw(cloud, 'POST', '/identity/v3/projects', JSON.stringify({ project: items(60_000) }))) },
  { name: 'a name of 1,000,000 characters', send: (cloud) => times(10, () => create(cloud, { name: 'x'.repeat(1_000_000) })) },
  { name: 'tags of 200,000 entries', send: (cloud) => times(10, () => raw(cloud, 'PUT', '/compute/v2.1/servers/00000000-0000-0000-0000-000000000000/tags', JSON.stringify({ tags: Array(200_000).fill('a') }))) },
  { name: 'image of 128 properties of 65,000 characters', send: (cloud) => times(5, () => raw(cloud, 'POST', '/image/v2/images', JSON.stringify({ name: 'bad', ...items(128, 7_500) }))) },
  { name: 'list with 2,000 filter words', send: (cloud) => times(20, () => raw(cloud, 'GET', `/compute/v2.1/servers?${'name=a&'.repeat(2_000)}`)) },
  { name: 'list of images with 2,000 ids', send: (cloud) => times(20, () => raw(cloud, 'GET', `/image/v2/images?id=in:${'a,'.repeat(2_000)}a`)) },
  { name: 'list by a regular expression that explodes', send: (cloud) => times(20, () => raw(cloud, 'GET', `/compute/v2.1/servers?name=${encodeURIComponent('(a+)+$'.repeat(40))}`)) },
  { name: '700 wrong logins', send: wrongLogins },
  { name: '300 half-sent bodies', send: halfSent },
  { name: 'body of 64 MiB as JSON', send: (cloud) => times(3, () => raw(cloud, 'POST', '/compute/v2.1/servers', 'x'.repeat(64 * MIB)).catch(() => 0)) },
]; // biome-ignore format: a table

async function times(count: number, one: () => Promise<number>): Promise<readonly number[]> {
  return Promise.all(Array.from({ length: count }, one));
}

function items(count: number, length = 1): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 'v'.repeat(length)]));
}

function create(cloud: Cloud, fields: object): Promise<number> {
  const server = { ...SERVER, flavorRef: cloud.flavor, imageRef: cloud.image, ...fields };
  return raw(cloud, 'POST', '/compute/v2.1/servers', JSON.stringify({ server }));
}

async function raw(
  cloud: Cloud,
  method: string,
  path: string,
  ...[body, type = 'application/json']: readonly (string | undefined)[]
): Promise<number> {
  const answer = await fetch(new URL(path, cloud.compute), {
    method,
    headers: { ...cloud.headers, 'content-type': type ?? '' },
    ...(body === undefined ? {} : { body }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

async function wrongLogins(cloud: Cloud): Promise<readonly number[]> {
  const wrong = cloud.tokenBody.replace(/"password":"[^"]*"/, '"password":"wrong"');
  const answers = times(700, () => raw(cloud, 'POST', '/identity/v3/auth/tokens', wrong));
  // What the issue of it was: somebody else's right password meanwhile.
  const right = await raw(cloud, 'POST', '/identity/v3/auth/tokens', cloud.tokenBody);
  return [...(await answers), right];
}

/** Connections that say that a megabyte will come, and send half of it. */
async function halfSent(cloud: Cloud): Promise<readonly number[]> {
  const { hostname, port } = new URL(cloud.compute);
  const head = `POST /identity/v3/auth/tokens HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: ${MIB}\r\n\r\n`;
  const sockets: Socket[] = [];
  for (let n = 0; n < 300; n++) {
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    socket.write(head);
    socket.write('x'.repeat(MIB / 2));
    sockets.push(socket);
  }
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  for (const socket of sockets) socket.destroy();
  return [];
}
