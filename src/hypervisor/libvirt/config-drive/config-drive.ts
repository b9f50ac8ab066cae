import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GuestPlan } from '../../../model/guest.ts';
import { syncFile } from '../files/durable-file.ts';
import { runTool } from '../files/run-tool.ts';
import { configDriveFiles } from './content.ts';

const RANDOM_SEED_BYTES = 512;
const TIMEOUT_MS = 30_000;

export interface ConfigDriveRequest {
  readonly plan: GuestPlan;
  readonly path: string;
  /** Nameplate's version. */
  readonly version: string;
  /** Whether the guest has a network interface. */
  readonly hasInterface: boolean;
  readonly signal: AbortSignal;
}

/**
 * Writes a server's config drive: an ISO 9660 disc labelled `config-2` (nova/virt/configdrive.py
 * ConfigDriveBuilder._make_iso9660), readable by its owner only.
 * @throws {Failure} `unavailable` when genisoimage is not installed, `out-of-space`.
 */
export async function writeConfigDrive(request: ConfigDriveRequest): Promise<void> {
  const { plan, path, version, signal } = request;
  const content = await mkdtemp(join(dirname(path), 'config-drive-'));
  try {
    const facts = {
      hasInterface: request.hasInterface,
      randomSeed: randomBytes(RANDOM_SEED_BYTES).toString('base64'),
    };
    for (const [name, bytes] of configDriveFiles(plan, facts)) {
      await mkdir(dirname(join(content, name)), { recursive: true });
      await writeFile(join(content, name), bytes);
    }
    // Created before it is written, so that other users can never read the secrets in it.
    await writeFile(path, '', { mode: 0o600 });
    await runTool({
      command: 'genisoimage',
      args: [
        ...['-o', path, '-ldots', '-allow-lowercase', '-allow-multidot', '-l'],
        ...['-publisher', `OpenStack Nova ${version}`, '-quiet', '-J', '-r', '-V', 'config-2', content],
      ],
      what: `the config drive of server ${plan.serverId}`,
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    await syncFile(path);
  } finally {
    await rm(content, { recursive: true, force: true });
  }
}
