import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { createNatsBus } from '../../src/bus/nats.ts';
import { Failure } from '../../src/model/failure.ts';
import type { HostName } from '../../src/model/ids.ts';
import { freePort } from '../lab/free-port.ts';
import { type LabNats, natsObstacle, startNats } from '../lab/nats.ts';

const run = promisify(execFile);
const COMMAND = new URL('../../src/cli/nameplate.ts', import.meta.url).pathname;

describe('the bus over TLS', { skip: natsObstacle() ?? false, timeout: 60_000 }, () => {
  let folder: string;
  let nats: LabNats;
  const certificate = async (name: string, address: string) => {
    const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)];
    const subject = ['-subj', '/CN=nats', '-addext', `subjectAltName=IP:${address}`];
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ed25519',
      '-nodes',
      '-days',
      '1',
      ...subject,
      ...files,
    ]);
  };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'np-tls-'));
    await certificate('nats', '127.0.0.1');
    await certificate('stranger', '127.0.0.1');
    const port = await freePort();
    const tls = ['--tls-cert', 'nats.crt', '--tls-key', 'nats.key', '--tls-ca', 'nats.crt'];
    const words = ['bus', 'init', '--dir', 'bus', '--listen', `127.0.0.1:${port}`, ...tls];
    await run(process.execPath, [COMMAND, ...words], { cwd: folder });
    nats = await startNats({ configFile: join(folder, 'bus/nats.conf'), port });
  });
  after(async () => {
    await nats.stop();
    await rm(folder, { recursive: true });
  });
  const open = async (server: string, ca: string, patience = 1_000) =>
    createNatsBus({
      servers: [`${server}:${nats.port}`],
      credentials: await readFile(join(folder, 'bus/control.creds')),
      tlsCa: await readFile(join(folder, ca), 'utf8'),
      ...{ name: 'test', log: () => undefined, signal: AbortSignal.timeout(patience) },
    });
  const givenUp = (error: unknown) => error instanceof Failure && error.kind === 'timed-out';

  it('is open to who trusts the authority that signed for the address', async () => {
    const bus = await open('tls://127.0.0.1', 'nats.crt', 60_000);
    const host = 'kant' as HostName;
    await bus.serve(host, async () => undefined);
    await bus.close();
  });

  it('is not spoken to when another authority signed, or for another address', async () => {
    await assert.rejects(open('tls://127.0.0.1', 'stranger.crt'), givenUp);
    await assert.rejects(open('tls://localhost', 'nats.crt'), givenUp);
  });
});
