import { type Codec, decode } from './codec.ts';
import { ProtocolError } from './errors.ts';
import { type ProcedureName, procedures, type ResultOf } from './procedures.ts';

/**
 * Decodes the payload of a reply.
 * @throws ProtocolError when it does not have the form of the procedure's result
 */
export function decodeResult<N extends ProcedureName>(name: N, payload: Buffer): ResultOf<N> {
  try {
    return decode(procedures[name].result as Codec<ResultOf<N>>, payload);
  } catch (error) {
    throw new ProtocolError(`the reply to ${name} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
