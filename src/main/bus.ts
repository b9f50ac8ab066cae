import { readFile } from 'node:fs/promises';
import type { Bus } from '../bus/bus.ts';
import type { Config } from '../config/declared.ts';
import { Failure } from '../model/failure.ts';
import type { Log } from '../model/log.ts';

/**
 * Connects to the bus of section `[bus]` and waits for it without a time limit.
 * @param options.what the command for error texts, such as `nameplate agent`
 * @throws {Failure} `invalid` when the section cannot be used, `forbidden` when NATS does not accept the
 *   credentials
 */
export async function openBus(
  { bus }: Config,
  options: { readonly what: string; readonly name: string; readonly log: Log; readonly signal: AbortSignal },
): Promise<Bus> {
  const { what, ...rest } = options;
  if (bus.servers.length === 0)
    throw new Failure(
      'invalid',
      `[bus] servers is not set: ${what} needs NATS; accepted is a list like nats://10.0.0.1:4222`,
    );
  const [credentials, tlsCa] = await Promise.all([
    readNamed('credentials', bus.credentials),
    readNamed('tls_ca', bus.tls_ca),
  ]);
  const { createNatsBus } = await import('../bus/nats.ts'); // a service on one machine saves its memory
  return createNatsBus({
    ...rest,
    servers: bus.servers,
    credentials,
    tlsCa: tlsCa === null ? null : tlsCa.toString('utf8'),
  });
}

async function readNamed(option: string, path: string | undefined): Promise<Buffer | null> {
  if (path === undefined) return null;
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = { ENOENT: 'it does not exist', EACCES: 'this user may not read it' }[String(code)];
    throw new Failure('invalid', `[bus] ${option} = ${path} cannot be read: ${why ?? String(code)}`);
  }
}
