import { type Codec, double, i32, i64, string, truth, u32, u64 } from './codec.ts';
import { EncodeError, ProtocolError } from './errors.ts';
import type { XdrReader, XdrWriter } from './xdr.ts';

/** libvirt's `virTypedParameter`. A field may come more than once (as `migrate_disks` does). */
export type TypedParam =
  | { readonly field: string; readonly type: 'int' | 'uint' | 'double'; readonly value: number }
  | { readonly field: string; readonly type: 'llong' | 'ullong'; readonly value: bigint }
  | { readonly field: string; readonly type: 'boolean'; readonly value: boolean }
  | { readonly field: string; readonly type: 'string'; readonly value: string };

const types: readonly (readonly [TypedParam['type'], Codec<unknown>])[] = [
  ['int', i32],
  ['uint', u32],
  ['llong', i64],
  ['ullong', u64],
  ['double', double],
  ['boolean', truth],
  ['string', string],
];

/** A name, the number of a type (from 1), and a value of it. */
export const typedParam: Codec<TypedParam> = {
  size: 12,
  write: (writer: XdrWriter, param: TypedParam) => {
    const index = types.findIndex(([type]) => type === param.type);
    const entry = types[index];
    if (entry === undefined) throw new EncodeError(`'${param.type}' is not a type of typed parameters`);
    writer.string(param.field);
    writer.u32(index + 1);
    entry[1].write(writer, param.value);
  },
  read: (reader: XdrReader) => {
    const field = reader.string();
    const number = reader.u32();
    const entry = types[number - 1];
    if (entry === undefined)
      throw new ProtocolError(`parameter ${field} has type ${number}; 1 to 7 are known`);
    return { field, type: entry[0], value: entry[1].read(reader) } as TypedParam;
  },
};

/**
 * Typed parameters by field; of a field that comes more than once, the last.
 *
 * @example
 * ```ts
 * import { byField } from 'libvirt-rpc';
 *
 * const { state } = byField([{ field: 'state', type: 'int', value: 1 }]);
 * console.log(state); // 1
 * ```
 */
export function byField(params: readonly TypedParam[]): Readonly<Record<string, TypedParam['value']>> {
  return Object.fromEntries(params.map(({ field, value }) => [field, value]));
}
