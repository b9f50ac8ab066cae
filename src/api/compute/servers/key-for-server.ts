import { Failure } from '../../../model/failure.ts';
import type { UserId } from '../../../model/ids.ts';
import type { Server } from '../../../model/server.ts';
import type { Queries } from '../../../store/promise/store.ts';

type Key = Pick<Server, 'keyName' | 'keyPublic' | 'keyType'>;

/**
 * A user's key pair, as a server stores it.
 * @throws {Failure} `invalid` when the user has no key pair of that name
 */
export async function keyNamed(store: Queries, user: UserId, name: string | null): Promise<Key> {
  if (name === null) return { keyName: null, keyPublic: null, keyType: null };
  const key = await store.keypairs.find(user, name);
  if (key === undefined) throw new Failure('invalid', 'Invalid key_name provided.');
  return { keyName: key.name, keyPublic: key.publicKey, keyType: key.type };
}
