import type { Config } from '../../../config/declared.ts';
import { Failure } from '../../../model/failure.ts';
import type { ProjectId } from '../../../model/ids.ts';
import type { InjectedFile } from '../../../model/injected-file.ts';
import type { Queries } from '../../../store/promise/store.ts';
import { limitsOf } from '../quota.ts';

interface Asked {
  readonly path?: string;
  readonly contents?: string;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const MAX_SHOWN = 255;

/**
 * The files of `personality`, within the project's limits.
 * @throws {Failure} `invalid` for a file without path or with contents that are no base64, `over-quota`
 * (nova/compute/api.py _check_injected_file_quota)
 */
export async function injectedFilesOf(
  personality: readonly Asked[] | undefined,
  { store, config, projectId }: { store: Queries; config: Config; projectId: ProjectId },
): Promise<readonly InjectedFile[]> {
  if (personality === undefined || personality.length === 0) return [];
  const limits = await limitsOf(projectId, store, config);
  const isOver = (used: number, limit: number) => limit >= 0 && used > limit;
  if (isOver(personality.length, limits.injected_files))
    throw new Failure(
      'over-quota',
      `Personality file limit exceeded: at most ${limits.injected_files} files`,
    );
  return personality.map((asked) => {
    const file = decodable(asked);
    const { injected_file_path_bytes: pathBytes, injected_file_content_bytes: bytes } = limits;
    if (isOver(Buffer.byteLength(file.path), pathBytes))
      throw new Failure('over-quota', `Personality file path exceeds maximum ${pathBytes}`);
    if (isOver(Buffer.byteLength(file.contents, 'base64'), bytes))
      throw new Failure('over-quota', `Personality file content exceeds maximum ${bytes}`);
    return file;
  });
}

/** Python's base64 takes line breaks in it. */
function decodable({ path = '', contents = '' }: Asked): InjectedFile {
  const shown = path.slice(0, MAX_SHOWN);
  if (path === '') throw new Failure('invalid', 'A file of personality has no path.');
  const text = contents.replaceAll(/\s/g, '');
  if (text.length % 4 !== 0 || !BASE64.test(text))
    throw new Failure('invalid', `Personality content for ${shown} cannot be decoded`);
  return { path, contents: text };
}
