import { X509Certificate } from 'node:crypto';
import { Failure } from '../../model/failure.ts';
import { notImplemented } from '../http/failures.ts';
import { fingerprintOf, generateSshKey, readSshPublicKey } from './ssh-key.ts';

/** The keys of a keypair. The private key is present only if it was generated here. */
export interface KeyMaterial {
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly privateKey?: string;
}

/** Checks a public key or certificate of a user. @throws {Failure} `invalid`, with Nova's text */
export function importedKey(type: 'ssh' | 'x509', publicKey: string): KeyMaterial {
  if (type === 'x509') return { publicKey, fingerprint: certificateFingerprint(publicKey) };
  const key = readSshPublicKey(publicKey);
  if (key === undefined)
    throw new Failure('invalid', 'Keypair data is invalid: failed to generate fingerprint');
  return { publicKey, fingerprint: fingerprintOf(key) };
}

/** @throws {Failure} `not-implemented` for certificates */
export async function generatedKey(type: 'ssh' | 'x509'): Promise<KeyMaterial> {
  if (type === 'x509') throw notImplemented('Generation of x509 key pairs');
  const { publicKey, privateKey } = await generateSshKey();
  return { ...importedKey('ssh', publicKey), privateKey };
}

/** SHA-1 of the certificate, as nova/crypto.py generate_x509_fingerprint. */
function certificateFingerprint(pem: string): string {
  try {
    return new X509Certificate(pem).fingerprint.toLowerCase();
  } catch {
    throw new Failure(
      'invalid',
      'Keypair data is invalid: failed to generate X509 fingerprint. Error message: the public key is not a certificate in PEM form',
    );
  }
}
