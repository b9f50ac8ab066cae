import { createHash, createPublicKey, generateKeyPair, type JsonWebKeyInput } from 'node:crypto';
import { promisify } from 'node:util';

/** A parsed OpenSSH public key. */
export interface SshPublicKey {
  readonly type: string;
  /** The decoded second field, which is hashed for a fingerprint. */
  readonly blob: Buffer;
}

type JsonWebKey = JsonWebKeyInput['key'];

const CURVES: Readonly<Record<string, { readonly crv: string; readonly bytes: number }>> = {
  nistp256: { crv: 'P-256', bytes: 32 },
  nistp384: { crv: 'P-384', bytes: 48 },
  nistp521: { crv: 'P-521', bytes: 66 },
};

/** The accepted key types, with the parser of each (RFC 4253 section 6.6, RFC 5656, RFC 8709). */
const READERS: Readonly<Record<string, (fields: readonly Buffer[]) => JsonWebKey | undefined>> = {
  'ssh-rsa': (fields) =>
    fields.length === 2 ? { kty: 'RSA', e: word(fields[0]!), n: word(fields[1]!) } : undefined,
  'ssh-ed25519': ed25519,
  'ecdsa-sha2-nistp256': ecdsa,
  'ecdsa-sha2-nistp384': ecdsa,
  'ecdsa-sha2-nistp521': ecdsa,
  'sk-ssh-ed25519@openssh.com': (fields) => (fields.length === 2 ? ed25519(fields.slice(0, 1)) : undefined),
  'sk-ecdsa-sha2-nistp256@openssh.com': (fields) =>
    fields.length === 3 ? ecdsa(fields.slice(0, 2)) : undefined,
};

/** Accepted lengths of RSA moduli. OpenSSH refuses shorter ones, and longer ones only cost time. */
const RSA_BITS = { min: 1024, max: 16_384 };

/**
 * Parses a line of an `authorized_keys` file without options: type, base64, comment.
 * @returns undefined when OpenSSH would refuse the key
 */
export function readSshPublicKey(text: string): SshPublicKey | undefined {
  const line = text.trim();
  if (/[\r\n\0]/.test(line)) return undefined;
  const [type, encoded] = line.split(/[ \t]+/);
  if (type === undefined || encoded === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded))
    return undefined;
  const blob = Buffer.from(encoded, 'base64');
  const [name, ...fields] = fieldsOf(blob) ?? [];
  if (name?.toString('latin1') !== type || !Object.hasOwn(READERS, type)) return undefined;
  const key = READERS[type]?.(fields);
  return key !== undefined && isKey(key) ? { type, blob } : undefined;
}

/** The MD5 of a key in hex with colons, which is Nova's fingerprint. */
export function fingerprintOf(key: SshPublicKey): string {
  return createHash('md5').update(key.blob).digest('hex').match(/../g)!.join(':');
}

/**
 * Generates an RSA 2048 key pair. The private key is PEM, which every SSH client and library reads, and the
 * public key is one line.
 */
export async function generateSshKey(): Promise<{ readonly publicKey: string; readonly privateKey: string }> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const { e, n } = publicKey.export({ format: 'jwk' });
  const fields = [Buffer.from('ssh-rsa'), mpint(e!), mpint(n!)];
  const blob = Buffer.concat(fields.flatMap((field) => [lengthOf(field), field]));
  return {
    publicKey: `ssh-rsa ${blob.toString('base64')} Generated-by-Nameplate`,
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs1' }).toString(),
  };
}

/** Length-prefixed fields; undefined when they do not fill the blob exactly. */
function fieldsOf(blob: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  for (let at = 0; at < blob.length; ) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function ed25519(fields: readonly Buffer[]): JsonWebKey | undefined {
  const point = fields[0];
  if (fields.length !== 1 || point?.length !== 32) return undefined;
  return { kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') };
}

function ecdsa(fields: readonly Buffer[]): JsonWebKey | undefined {
  const [name, point] = fields;
  const curve = CURVES[name?.toString('latin1') ?? ''];
  if (fields.length !== 2 || curve === undefined || point === undefined) return undefined;
  if (point[0] !== 4 || point.length !== 1 + 2 * curve.bytes) return undefined;
  const x = point.subarray(1, 1 + curve.bytes).toString('base64url');
  const y = point.subarray(1 + curve.bytes).toString('base64url');
  return { kty: 'EC', crv: curve.crv, x, y };
}

function isKey(key: JsonWebKey): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({ key, format: 'jwk' });
    if (asymmetricKeyType !== 'rsa') return true;
    const bits = asymmetricKeyDetails?.modulusLength ?? 0;
    return bits >= RSA_BITS.min && bits <= RSA_BITS.max;
  } catch {
    return false;
  }
}

/** A non-negative number without leading zeros. */
function word(number: Buffer): string {
  const start = number.findIndex((byte) => byte !== 0);
  return number.subarray(start === -1 ? number.length : start).toString('base64url');
}

function mpint(number: string): Buffer {
  const bytes = Buffer.from(number, 'base64url');
  return bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

function lengthOf(field: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(field.length);
  return length;
}
