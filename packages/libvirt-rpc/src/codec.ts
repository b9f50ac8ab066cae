import { EncodeError } from './errors.ts';
import { stringMax, XdrReader, XdrWriter } from './xdr.ts';

/**
 * Encodes values of one type. It has methods and not properties, so that a codec of a type is also a codec
 * of `unknown`.
 */
export interface Codec<T> {
  write(writer: XdrWriter, value: T): void;
  read(reader: XdrReader): T;
  /** The minimum number of bytes of a value. */
  readonly size: number;
}

/** A codec of an optional field. */
export interface Defaulted<T> extends Codec<T> {
  readonly fallback: T;
}

/** Fields in the order of the protocol. */
export type Fields = Readonly<Record<string, Codec<unknown>>>;

/** The type of a codec's values. */
export type TypeOf<C> = C extends Codec<infer T> ? T : never;

/** The decoded type of fields. */
export type Read<F extends Fields> = { readonly [K in keyof F]: TypeOf<F[K]> };

type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends Defaulted<unknown> ? K : undefined extends TypeOf<F[K]> ? K : never;
}[keyof F];

/** The type of fields from callers, without those that have a fallback or are optional. */
export type Given<F extends Fields> = {
  readonly [K in Exclude<keyof F, OptionalKeys<F>>]: TypeOf<F[K]>;
} & { readonly [K in OptionalKeys<F>]?: TypeOf<F[K]> | undefined };

export const i32: Codec<number> = { size: 4, write: (w, value) => w.i32(value), read: (r) => r.i32() };
export const u32: Codec<number> = { size: 4, write: (w, value) => w.u32(value), read: (r) => r.u32() };
export const i64: Codec<bigint> = { size: 8, write: (w, value) => w.i64(value), read: (r) => r.i64() };
export const u64: Codec<bigint> = { size: 8, write: (w, value) => w.u64(value), read: (r) => r.u64() };
export const double: Codec<number> = {
  size: 8,
  write: (w, value) => w.double(value),
  read: (r) => r.double(),
};
export const string: Codec<string> = {
  size: 4,
  write: (w, value) => w.string(value),
  read: (r) => r.string(),
};

/** An `int` that libvirt uses as a boolean: 0 is false, every other value is true. */
export const truth: Codec<boolean> = {
  size: 4,
  write: (w, value) => w.flag(value),
  read: (r) => r.i32() !== 0,
};

/** No value at all. */
export const nothing: Codec<void> = { size: 0, write: () => {}, read: () => {} };

/** Bytes of any length up to libvirt's limit for strings, such as cookies and CPU maps. */
export const opaque: Codec<Uint8Array> = {
  size: 4,
  write: (w, value) => w.opaque(value, stringMax),
  read: (r) => Uint8Array.from(r.opaque(stringMax)),
};

/** 16 bytes; as a value, 8-4-4-4-12 in lower case. */
export const uuid: Codec<string> = {
  size: 16,
  write: (writer, value) => {
    if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value))
      throw new EncodeError(`'${value}' is not a UUID of the form 8-4-4-4-12`);
    writer.fixed(Buffer.from(value.replaceAll('-', ''), 'hex'));
  },
  read: (reader) => {
    const hex = reader.fixed(16).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  },
};

export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    size: 4,
    write: (writer, value) => {
      writer.flag(value !== undefined);
      if (value !== undefined) codec.write(writer, value);
    },
    read: (reader) => (reader.flag() ? codec.read(reader) : undefined),
  };
}

export function array<T>(codec: Codec<T>): Codec<readonly T[]> {
  return {
    size: 4,
    write: (writer, values) => {
      writer.u32(values.length);
      for (const value of values) codec.write(writer, value);
    },
    read: (reader) => {
      const count = reader.count(codec.size);
      const values: T[] = [];
      for (let index = 0; index < count; index++) values.push(codec.read(reader));
      return values;
    },
  };
}

/** An optional field with a default value. */
export function fallback<T>(codec: Codec<T>, value: T): Defaulted<T> {
  return { ...codec, fallback: value };
}

/** Fields one after another. */
export function struct<F extends Fields>(fields: F): Codec<Read<F>> {
  const entries = Object.entries(fields);
  return {
    size: entries.reduce((sum, [, codec]) => sum + codec.size, 0),
    write: (writer, value) => {
      for (const [name, codec] of entries) writeField(writer, { name, codec, value: value[name] });
    },
    read: (reader) => {
      const value: Record<string, unknown> = {};
      for (const [name, codec] of entries) value[name] = codec.read(reader);
      return value as Read<F>;
    },
  };
}

/** Encodes one value. @throws EncodeError for an invalid value */
export function encode<T>(codec: Codec<T>, value: T): Buffer {
  const writer = new XdrWriter();
  codec.write(writer, value);
  return writer.finish();
}

/** Decodes one value from all of the bytes. @throws ProtocolError when they are malformed */
export function decode<T>(codec: Codec<T>, bytes: Buffer): T {
  const reader = new XdrReader(bytes);
  const value = codec.read(reader);
  reader.end();
  return value;
}

interface Field {
  readonly name: string;
  readonly codec: Codec<unknown> | Defaulted<unknown>;
  readonly value: unknown;
}

function writeField(writer: XdrWriter, { name, codec, value }: Field): void {
  const given = value === undefined && 'fallback' in codec ? codec.fallback : value;
  try {
    codec.write(writer, given);
  } catch (error) {
    // Values of a wrong type cause a TypeError.
    throw new EncodeError(`${name}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}
