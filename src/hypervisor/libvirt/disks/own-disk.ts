import { Failure } from '../../../model/failure.ts';
import { exists } from '../files/durable-file.ts';
import { qcow2, qcow2Danger } from '../image-inspection/qcow2.ts';
import { withImageFile } from './image-file.ts';
import { type BaseSearch, baseOf } from './own-base.ts';

/**
 * The backing file of a server's root disk, for its definition: its image's file in the image cache, or the
 * set's own base.
 * @param path a QCOW2 file; a missing file has no backing file
 * @throws {Failure} `invalid` when the disk refers to any other file, or to a missing one
 */
export async function baseOfOwnDisk(path: string, from: BaseSearch): Promise<string | null> {
  if (!(await exists(path))) return null;
  const danger = await withImageFile(path, async (image) =>
    (await qcow2.matches(image)) ? qcow2Danger(image) : 'is not QCOW2',
  );
  if (danger !== null) throw unfit(new Error(`${path} ${danger}`));
  return baseOf(path, from).catch((error: unknown) => {
    throw unfit(error);
  });
}

function unfit(cause: unknown): Failure {
  const message =
    "The server's root disk cannot be used: it refers to a file that is no image of its compute host.";
  const operatorText = cause instanceof Error ? cause.message : String(cause);
  return new Failure('invalid', message, { operatorText, cause });
}
