import type { Keypair } from '../../model/identity.ts';
import type { Microversion } from '../http/microversion.ts';
import { flag, integer, links, listOf, nothing, object, optional, since, text, time } from '../http/shape.ts';
import { plainTime } from './times.ts';

/** A keypair in a list; from 2.2 with its type. */
export function listedKeypair(keypair: Keypair, version: Microversion) {
  return {
    keypair: {
      name: keypair.name,
      public_key: keypair.publicKey,
      fingerprint: keypair.fingerprint,
      ...(version >= 2 && { type: keypair.type }),
    },
  };
}

/** The answer to a create. It is the only answer with the private key, if that was generated here. */
export function createdKeypair(keypair: Keypair, version: Microversion, privateKey?: string) {
  return {
    keypair: {
      ...listedKeypair(keypair, version).keypair,
      user_id: keypair.userId,
      ...(privateKey !== undefined && { private_key: privateKey }),
    },
  };
}

/**
 * A complete keypair. Keypairs never change and are not kept after their deletion, so four fields are
 * constant.
 */
export function wholeKeypair(keypair: Keypair, version: Microversion) {
  return {
    keypair: {
      ...createdKeypair(keypair, version).keypair,
      created_at: plainTime(keypair.createdAt),
      updated_at: null,
      deleted: false,
      deleted_at: null,
      id: keypair.number,
    },
  };
}

const listed = { name: text, public_key: text, fingerprint: text, type: since(2, text) };
const listedShape = object({ keypair: object(listed, 'ListedKeypair') });

export const keypairList = object({ keypairs: listOf(listedShape), keypairs_links: optional(links) });
export const createdKeypairShape = object({
  keypair: object({ ...listed, user_id: text, private_key: optional(text) }, 'CreatedKeypair'),
});
export const oneKeypair = object({
  keypair: object(
    {
      ...listed,
      user_id: text,
      created_at: time,
      updated_at: nothing,
      deleted: flag,
      deleted_at: nothing,
      id: integer,
    },
    'Keypair',
  ),
});
