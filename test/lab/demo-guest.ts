import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDemoImage, DEMO_IMAGE_COMMAND_LINE } from '../../demo-image/build.ts';
import type { ImageSource } from '../../src/hypervisor/driver.ts';
import type { ImageId } from '../../src/model/ids.ts';
import type { ImageContents, ImageSnapshot } from '../../src/model/image.ts';
import { contentOfFile } from './content-of-file.ts';

/** The demo guest, for a driver alone. */
export interface DemoGuest {
  readonly images: ImageSource;
  readonly contents: ImageContents;
  /** For the plan of a guest. */
  readonly image: Partial<ImageSnapshot>;
  readonly ramMb: number;
}

/** The images of the demo guest, which are built where they are missing. */
export async function demoGuest(): Promise<DemoGuest> {
  const demo = await buildDemoImage({ cacheDir: join(tmpdir(), 'nameplate-demo-image'), log: () => {} });
  const [disk, kernel, ramdisk] = [randomUUID(), randomUUID(), randomUUID()] as [ImageId, ImageId, ImageId];
  const paths: Record<ImageId, string> = {
    [disk]: demo.disk,
    [kernel]: demo.kernel,
    [ramdisk]: demo.ramdisk,
  };
  const content = await contentOfFile(demo.disk);
  return {
    images: { open: async (id) => createReadStream(paths[id] as string) },
    contents: {
      [disk]: content,
      [kernel]: await contentOfFile(demo.kernel),
      [ramdisk]: await contentOfFile(demo.ramdisk),
    },
    image: {
      ...{ id: disk, kernelId: kernel, ramdiskId: ramdisk, diskFormat: 'raw', size: content.size },
      ...{ checksum: content.md5, hashValue: content.sha512 },
      properties: { os_command_line: DEMO_IMAGE_COMMAND_LINE },
    },
    ramMb: demo.minRamMb,
  };
}
