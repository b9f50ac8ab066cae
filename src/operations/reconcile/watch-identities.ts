import type { ComputeHost } from '../../model/host.ts';
import type { HostName } from '../../model/ids.ts';
import { identityFault, reportedHostIdentity } from '../../serial/host-identity.ts';
import { describeSharedIdentity } from '../../serial/shared-identity.ts';
import { notePending } from './note-pending.ts';

/**
 * Warns of hosts that say they are the same machine, and of those that cannot give guests their serial: when
 * it is heard first, and when it becomes another; and notes in the ledger whose serial its next hard boot
 * would change now. The audit of `/nameplate/v1` and `nameplate host list` say it at any time.
 * @returns looks at what a host has just reported
 */
export function watchIdentities(parts: Parameters<typeof notePending>[0]) {
  const { store, log } = parts;
  const heard = new Map<HostName, string>();
  return async (host: ComputeHost): Promise<void> => {
    const { name } = host;
    const identity = reportedHostIdentity(host);
    const says = JSON.stringify(identity);
    if (heard.get(name) === says) return;
    heard.set(name, says);
    const why = identityFault(identity);
    if (why !== undefined) log('host-serial-unusable', { host: name, why });
    for (const shared of await store.hosts.sharedIdentities(name))
      log('host-identity-shared', { why: describeSharedIdentity(shared) });
    await notePending(parts, host);
  };
}
