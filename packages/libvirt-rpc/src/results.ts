import { type Codec, decode } from './codec.ts';
import { ProtocolError } from './errors.ts';
import { type ProcedureName, procedures, type ResultOf } from './procedures.ts';

/** What a reply's payload says. @throws ProtocolError when it is not of the procedure's form. */
export function decodeResult<N extends ProcedureName>(name: N, payload: Buffer): ResultOf<N> {
  try {
    return decode(procedures[name].result as Codec<ResultOf<N>>, payload);
  } catch (error) {
    throw new ProtocolError(`the reply to ${name} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
