import { syncFile } from '../files/durable-file.ts';
import { runTool } from '../files/run-tool.ts';

const COPY_TIMEOUT_MS = 60 * 60 * 1000;

/**
 * Copies a file of a guest to a new inode. libvirt gives a guest's boot files to QEMU's user, who may then
 * write to them.
 */
export async function copyDisk(
  { from, to }: { readonly from: string; readonly to: string },
  signal?: AbortSignal,
): Promise<void> {
  await runTool({
    command: 'cp',
    args: ['--reflink=auto', '--sparse=always', '--', from, to],
    what: "a copy of the server's disks",
    timeoutMs: COPY_TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  await syncFile(to);
}
