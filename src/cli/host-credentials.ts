import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { claimsOf, issueToHost, revokeHost } from '../bus/nats/authority.ts';
import { pushClaims } from '../bus/nats/push-claims.ts';
import { claimsConfig } from '../bus/nats/server-config.ts';
import { defaultGroup } from '../config/options/default.ts';
import { writeWhole } from '../files/whole-file.ts';
import { asFailure, Failure } from '../model/failure.ts';
import type { HostName } from '../model/ids.ts';
import type { HostArguments } from './arguments.ts';
import { filesOf, withAuthority, writeAuthority } from './bus-directory.ts';
import { load } from './running.ts';
import type { Terminal } from './terminal.ts';

/**
 * Issues credentials for a host's agent: a file that allows only the subjects of this host.
 * @throws {Failure} `invalid` on a name that no host can have, `conflict` when the host has credentials
 */
export async function hostAdd({ host: name, dir }: HostArguments, terminal: Terminal): Promise<void> {
  const host = hostNameFrom(name);
  const file = fileOf(dir, host);
  await withAuthority(dir, async (authority) => {
    if (authority.hosts.some((issued) => issued.host === host && issued.revokedAt === null))
      throw new Failure(
        'conflict',
        `Host ${host} has credentials already. To replace them, run: nameplate host remove ${host}, and then add it again.`,
      );
    const issued = await issueToHost(authority, host, nowInSeconds());
    await writeAuthority(dir, issued.authority);
    await mkdir(filesOf(dir).hosts, { recursive: true, mode: 0o700 });
    await writeWhole(file, Buffer.from(issued.file).toString('utf8'));
  });
  terminal.out(`${file}\n`);
  terminal.err(
    `Copy this file to host ${host}, as [bus] credentials of its agent, whose [DEFAULT] host must be ${host}.`,
  );
}

/**
 * Revokes a host's credentials, and makes the server disconnect its agent.
 * @throws {Failure} `not-found` when the host has no credentials; `unavailable` when no server was reached:
 *   a repeated call tries again
 */
export async function hostRemove(
  { host: name, dir, ...asked }: HostArguments,
  terminal: Terminal,
): Promise<void> {
  const host = hostNameFrom(name);
  const files = filesOf(dir);
  const claims = await withAuthority(dir, async (authority) => {
    if (!authority.hosts.some((issued) => issued.host === host))
      throw new Failure('not-found', `Host ${host} has no credentials from --dir ${dir}.`);
    const revoked = revokeHost(authority, host, nowInSeconds());
    const changed = await claimsOf(revoked);
    await writeAuthority(dir, revoked);
    await writeWhole(files.claims, claimsConfig(changed));
    await rm(fileOf(dir, host), { force: true });
    return changed;
  });

  const sources =
    asked.sources.length > 0 ? asked.sources : [{ kind: 'file', path: files.controlConfig } as const];
  const { config, log } = load({ sources, overrides: asked.overrides });
  const { servers, tls_ca: ca } = config.bus;
  const address = {
    ...{ servers, name: 'nameplate host remove' },
    credentials: await readFile(files.system),
    tlsCa: ca === undefined ? null : await readFile(ca, 'utf8'),
  };
  await pushClaims(address, claims, log).catch((error: unknown) => {
    throw new Failure(
      'unavailable',
      `The credentials of host ${host} are revoked in ${dir}, but NATS was not reached, so it still accepts them: ${asFailure(error).operatorText} Run the same command again.`,
    );
  });
  terminal.out(`The credentials of host ${host} are revoked.\n`);
}

function fileOf(dir: string, host: HostName): string {
  return join(filesOf(dir).hosts, `${host}.creds`);
}

function hostNameFrom(name: string): HostName {
  const { type } = defaultGroup.options.host;
  const parsed = type.parse(name);
  if ('refused' in parsed || /^\.+$/.test(name))
    throw new Failure('invalid', `'${name}' cannot be the name of a host: accepted is ${type.accepts}`);
  return name as HostName;
}

function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
