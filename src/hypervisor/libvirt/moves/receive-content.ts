import { ContentSum, damaged } from './disk-stream.ts';
import type { FrameReader } from './frame-reader.ts';
import { type DataRun, writeSparse } from './sparse-file.ts';

type Put = (run: DataRun) => Promise<void>;

/**
 * Reads the content of one file.
 * @param path the path of a new file; null discards the content
 * @throws {Failure} `invalid` when data is out of place, or the checksum does not match
 */
export async function receiveContent(
  reader: FrameReader,
  path: string | null,
  { size, mode }: { readonly size: number; readonly mode: number },
): Promise<void> {
  if (path === null) await readContent(reader, size, async () => undefined);
  else await writeSparse(path, { size, mode }, (put) => readContent(reader, size, put));
}

async function readContent(reader: FrameReader, size: number, put: Put): Promise<void> {
  const sum = new ContentSum();
  let end = 0;
  for (;;) {
    const { kind, payload } = await reader.next();
    if (kind === 'sum') {
      if (!payload.equals(sum.end(size))) throw damaged('has a file that does not have its checksum');
      return;
    }
    if (kind !== 'data' || payload.length <= 8) throw damaged(`has a ${kind} frame within a file`);
    const offset = Number(payload.readBigUInt64BE());
    const data = payload.subarray(8);
    if (offset < end || offset + data.length > size) throw damaged('has data out of place');
    end = offset + data.length;
    sum.add(payload);
    await put({ offset, data });
  }
}
