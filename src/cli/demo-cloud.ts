import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buildDemoImage, DEMO_IMAGE_COMMAND_LINE } from '../../demo-image/build.ts';
import { writeWhole } from '../files/whole-file.ts';
import type { Service } from '../main.ts';
import type { Flavor } from '../model/flavor.ts';
import type { FlavorId, ImageId } from '../model/ids.ts';
import { type DiskFormat, type Image, imageDataName } from '../model/image.ts';

export const DEMO_IMAGE = 'nameplate-demo';
/** The flavor for the first server of a new user. Its servers have their own serial. */
export const UNIQUE_FLAVOR = 'n1.unique';

const FLAVORS = [
  { id: '1', name: 'n1.tiny', ramMb: 128, extraSpecs: {} },
  { id: '2', name: 'n1.small', ramMb: 192, extraSpecs: {} },
  { id: '3', name: UNIQUE_FLAVOR, ramMb: 128, extraSpecs: { 'hw:unique_serial': 'true' } },
] as const;

/** What is furnished. */
type Cloud = Pick<Service, 'store' | 'imageData' | 'adminProject'>;

/** Sets up a new cloud once. Resources that are deleted later are not created again. */
export async function furnishDemoCloud(
  service: Cloud,
  options: { stateDir: string; cacheDir: string; guests: boolean; say: (line: string) => void },
): Promise<void> {
  const done = join(options.stateDir, 'demo-cloud-furnished');
  if (await exists(done)) return;
  await addFlavors(service);
  await (options.guests ? addDemoImage(service, options) : addEmptyImage(service));
  await writeWhole(
    done,
    'Flavors and the demo image were registered. Delete this file to have what is missing registered again.\n',
  );
}

async function addFlavors({ store }: Cloud): Promise<void> {
  for (const flavor of FLAVORS) {
    const id = flavor.id as FlavorId;
    if ((await store.flavors.find(id)) !== undefined) continue;
    const rest = { vcpus: 1, rootGb: 1, ephemeralGb: 0, swapMb: 0, rxtxFactor: 1, description: null };
    const row: Flavor = {
      ...flavor,
      ...rest,
      id,
      generation: 1,
      isPublic: true,
      disabled: false,
      access: [],
      createdAt: Date.now(),
    };
    await store.flavors.insert(row);
  }
}

async function addDemoImage(
  service: Cloud,
  { cacheDir, say }: { cacheDir: string; say: (line: string) => void },
) {
  if (await hasDemoImage(service)) return;
  const built = await buildDemoImage({ cacheDir, log: say });
  const kernel = await addImage(service, {
    name: `${DEMO_IMAGE}-kernel`,
    format: 'aki',
    data: createReadStream(built.kernel),
  });
  const ramdisk = await addImage(service, {
    name: `${DEMO_IMAGE}-ramdisk`,
    format: 'ari',
    data: createReadStream(built.ramdisk),
  });
  await addImage(service, {
    name: DEMO_IMAGE,
    format: 'ami',
    data: createReadStream(built.disk),
    minRam: built.minRamMb,
    properties: { kernel_id: kernel, ramdisk_id: ramdisk, os_command_line: DEMO_IMAGE_COMMAND_LINE },
  });
}

/** An empty image with the same name, for the simulated driver, which reads no images. */
async function addEmptyImage(service: Cloud): Promise<void> {
  if (await hasDemoImage(service)) return;
  await addImage(service, { name: DEMO_IMAGE, format: 'raw', data: Readable.from([Buffer.alloc(512)]) });
}

async function hasDemoImage({ store }: Cloud): Promise<boolean> {
  return (await store.images.list({ names: [DEMO_IMAGE] }, { limit: 1 })).length > 0;
}

async function addImage(
  { store, imageData, adminProject }: Cloud,
  asked: {
    name: string;
    format: DiskFormat;
    data: Readable;
    minRam?: number;
    properties?: Record<string, string>;
  },
): Promise<ImageId> {
  const id = randomUUID() as ImageId;
  const at = Date.now();
  const data = imageDataName(id, randomUUID());
  const written = await imageData.write(data, asked.data, Number.MAX_SAFE_INTEGER);
  const image: Image = {
    id,
    generation: 1,
    name: asked.name,
    owner: adminProject,
    status: 'active',
    visibility: 'public',
    protected: false,
    hidden: false,
    diskFormat: asked.format,
    containerFormat: asked.format === 'raw' ? 'bare' : (asked.format as 'ami' | 'aki' | 'ari'),
    minDisk: 0,
    minRam: asked.minRam ?? 0,
    size: written.size,
    virtualSize: null,
    checksum: written.md5,
    hashValue: written.sha512,
    data,
    upload: null,
    properties: asked.properties ?? {},
    tags: [],
    createdAt: at,
    updatedAt: at,
  };
  await store.images.insert(image);
  return id;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
