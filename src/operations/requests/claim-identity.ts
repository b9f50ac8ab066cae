import { Failure } from '../../model/failure.ts';
import type { ChosenIdentity } from '../../model/given-identity.ts';
import type { ProjectId, ServerId } from '../../model/ids.ts';
import type { IdentityClaim } from '../../store/promise/identity-claims.ts';
import type { Queries } from '../../store/promise/store.ts';
import { type IdentityHolder, identityHolders } from './identity-holders.ts';

/** The row of a purged server is gone: a later one with its id starts above all generations that it had. */
const GENERATIONS_SINCE = Date.UTC(2026, 0, 1);

/**
 * Claims an identity in the transaction that writes the server: all of its values or none. The id of a
 * deleted server of the same project becomes that of the new one; its history stays.
 * @returns the generation that the server's row begins with
 * @throws {Failure} `conflict`, naming each holder
 */
export async function claimIdentity(
  tx: Queries,
  identity: ChosenIdentity,
  { id, projectId, at }: { readonly id: ServerId; readonly projectId: ProjectId; readonly at: number },
): Promise<number> {
  const holders = await identityHolders(tx, identity, projectId);
  if (holders.length > 0) throw new Failure('conflict', describeHolders(holders));
  const before = identity.id === null ? undefined : await tx.servers.revive(id);
  await tx.identityClaims.add(claimsOf(identity, id));
  if (before === undefined) return 1;
  return before === null ? Math.floor((at - GENERATIONS_SINCE) / 1000) : before + 1;
}

/** A sentence for each value that is taken. */
export function describeHolders(holders: readonly IdentityHolder[]): string {
  return holders
    .map(({ name, value, holder }) => `${name} ${value} cannot be kept: ${holder} has it.`)
    .join(' ');
}

function claimsOf({ given }: ChosenIdentity, serverId: ServerId): IdentityClaim[] {
  const claim = (kind: IdentityClaim['kind']) => (value: string | null | undefined) =>
    typeof value === 'string' ? [{ kind, value, serverId }] : [];
  return [
    ...[given.serial].flatMap(claim('serial')),
    ...Object.values(given.diskSerials).flatMap(claim('disk-serial')),
  ];
}
