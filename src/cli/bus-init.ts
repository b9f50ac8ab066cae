import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { claimsOf, controlCredentials, createAuthority, systemCredentials } from '../bus/nats/authority.ts';
import { claimsConfig, serverConfig } from '../bus/nats/server-config.ts';
import { listenAddress } from '../config/types.ts';
import { writeWhole } from '../files/whole-file.ts';
import { Failure } from '../model/failure.ts';
import type { BusInit } from './arguments.ts';
import { filesOf, writeAuthority } from './bus-directory.ts';
import type { Terminal } from './terminal.ts';

const LISTEN = '127.0.0.1:4222';

/**
 * Creates the authority of a bus: keys, the configuration of a NATS server that trusts them, and the control
 * plane's credentials.
 * @throws {Failure} `conflict` when the folder already has an authority, `invalid` on a bad address
 */
export async function busInit(
  { dir, dataDir, listen = LISTEN, tls, tlsCa }: BusInit,
  terminal: Terminal,
): Promise<void> {
  const files = filesOf(dir);
  const exists = await access(files.authority).then(
    () => true,
    () => false,
  );
  if (exists)
    throw new Failure('conflict', `--dir ${dir} has an authority already, which credentials were issued by.`);
  const address = listenAddress().parse(listen);
  if ('refused' in address) throw new Failure('invalid', `--listen ${listen}: ${address.refused}`);
  const authority = createAuthority();
  await mkdir(files.hosts, { recursive: true, mode: 0o700 });
  const settings = { listen: address.value, dataDir: dataDir ?? files.data, tls };
  await writeWhole(files.claims, claimsConfig(await claimsOf(authority)));
  await writeWhole(files.server, serverConfig(settings));
  await writeWhole(files.control, Buffer.from(await controlCredentials(authority)).toString('utf8'));
  await writeWhole(files.system, Buffer.from(await systemCredentials(authority)).toString('utf8'));
  const url = `${tls === null ? 'nats' : 'tls'}://${reachable(listen)}`;
  const ca = tlsCa === null ? '' : `tls_ca = ${tlsCa}\n`;
  await writeWhole(files.controlConfig, `[bus]\nservers = ${url}\ncredentials = ${files.control}\n${ca}`);
  await writeAuthority(dir, authority);
  const open = tls === null && !/^(127\.|localhost:|\[::1\])/.test(listen);
  terminal.out(`The bus is prepared in ${dir}:

  NATS server           nats-server -c ${files.server}
  control plane         nameplate serve --config-file ${files.controlConfig} …
  a compute host        nameplate host add NAME --dir ${dir}
${open ? '\nWithout --tls-cert and --tls-key, what control plane and agents say to each other can be read on its way.\n' : ''}
${join(dir, 'authority.json')} signs credentials: keep it from everybody.
`);
}

/** For a server that listens on all addresses, the address for other machines is unknown here. */
function reachable(listen: string): string {
  return listen.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, '127.0.0.1');
}
