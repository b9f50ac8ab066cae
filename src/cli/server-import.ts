import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../model/failure.ts';
import { columns } from './columns.ts';
import { type CloudClient, cloudClient } from './import/cloud-client.ts';
import { type DiskFile, diskFile } from './import/disk-file.ts';
import { type DomainSource, domainSource } from './import/domain-source.ts';
import { type ImportArguments, type ImportOptions, importArguments } from './import/import-arguments.ts';
import { identityOf, networksOf } from './import/import-request.ts';
import type { Terminal } from './terminal.ts';

const DEFAULT_URI = 'qemu:///system';
const POLL_MS = 1000;

interface Importing {
  readonly asked: ImportArguments;
  readonly source: DomainSource | undefined;
  readonly terminal: Terminal;
}

interface Preview {
  readonly values: readonly {
    readonly name: string;
    readonly value: string | null;
    readonly outcome: string;
  }[];
  readonly holders: readonly {
    readonly name: string;
    readonly value: string;
    readonly kind: string;
    readonly holder: string;
  }[];
}

/**
 * Makes a server of a libvirt domain on this machine, of a disk, or of an image, as the same machine or as a
 * copy. The disk is uploaded as an image; the service then does all else.
 * @throws {Failure} before anything is changed where the server cannot be made
 */
export async function serverImport(
  options: ImportOptions,
  terminal: Terminal,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<void> {
  const asked = importArguments(options);
  const source =
    asked.domain === undefined ? undefined : await domainSource(asked.connect ?? DEFAULT_URI, asked.domain);
  try {
    const cloud = await cloudClient(env);
    await importFrom(cloud, { asked, source, terminal });
  } finally {
    await source?.close();
  }
}

async function importFrom(cloud: CloudClient, { asked, source, terminal }: Importing): Promise<void> {
  const domain = source?.domain;
  const identity = identityOf(asked, domain);
  const networks = networksOf(asked, domain);
  const { import: preview } = await cloud.request('POST', '/nameplate/v1/servers/import/preview', {
    identity,
  });
  terminal.out(described(preview, asked, source));
  requireFree(preview, asked, source);
  if (asked.dryRun) return;
  if (asked.flavor === undefined)
    throw new Failure('invalid', '--flavor is missing: the id of the flavor of the server');
  const name = asked.name ?? domain?.name ?? `import-of-${basename(asked.disk ?? asked.image ?? '')}`;
  const image = asked.image ?? (await uploaded(cloud, { asked, source, name, terminal }));
  const host = asked.host === undefined ? {} : { host: asked.host };
  const server = { name, imageRef: image, flavorRef: asked.flavor, networks, ...host };
  const id = await makeServer(cloud, {
    body: { server, identity },
    undefine: asked.mode === 'same' ? source : undefined,
    terminal,
  });
  await waitFor(cloud, id);
  terminal.out(`Server ${id} (${name}) is ACTIVE.\n`);
}

function described(preview: Preview, asked: ImportArguments, source: DomainSource | undefined): string {
  const rows = preview.values.map(({ name, value, outcome }) => [
    name,
    outcome,
    outcome === 'new'
      ? 'decided by the service'
      : value === null || value === ''
        ? 'none, as in the old machine'
        : value,
  ]);
  const lost = (source?.domain.lost ?? []).map((what) => `Not taken over: ${what}.\n`);
  const size =
    source &&
    `Domain ${source.domain.name} has ${source.domain.vcpus} vCPUs and ${source.domain.memoryMb} MiB; the flavor decides what the server has.\n`;
  const gone =
    source && asked.mode === 'same' && asked.undefine
      ? `Domain ${source.domain.name} will be undefined; its disk stays.\n`
      : '';
  return `${columns([['VALUE', 'THE SERVER', 'GIVEN'], ...rows])}${size ?? ''}${lost.join('')}${gone}`;
}

/** Refuses while a holder lives: the domain itself too, unless it is to be undefined. */
function requireFree({ holders }: Preview, asked: ImportArguments, source: DomainSource | undefined): void {
  const others = holders.filter(({ kind }) => kind !== 'domain' || !asked.undefine);
  const sentences = others.map(
    ({ name, value, holder }) => `${name} ${value} cannot be kept: ${holder} has it`,
  );
  if (source !== undefined && asked.mode === 'same' && !asked.undefine)
    sentences.unshift(
      `Domain ${source.domain.name} still has this identity: give --undefine, which takes its definition away and keeps its disk, or --copy`,
    );
  if (sentences.length > 0) throw new Failure('conflict', sentences.join('. '));
}

async function uploaded(
  cloud: CloudClient,
  {
    asked,
    source,
    name,
    terminal,
  }: { asked: ImportArguments; source: DomainSource | undefined; name: string; terminal: Terminal },
): Promise<string> {
  const domain = source?.domain;
  const disk = await diskFile(domain?.disk.path ?? asked.disk ?? '', domain?.disk.format);
  try {
    return await upload(cloud, disk, { name, properties: domain?.properties ?? {}, terminal });
  } finally {
    await disk.remove();
  }
}

async function upload(
  cloud: CloudClient,
  disk: DiskFile,
  {
    name,
    properties,
    terminal,
  }: { name: string; properties: Readonly<Record<string, string>>; terminal: Terminal },
): Promise<string> {
  const { id } = await cloud.request('POST', '/image/v2/images', {
    ...{ name, disk_format: disk.format, container_format: 'bare', visibility: 'private' },
    ...properties,
  });
  try {
    await cloud.request('PUT', `/image/v2/images/${id}/file`, disk.data());
  } catch (error) {
    await cloud.request('DELETE', `/image/v2/images/${id}`).catch(() => undefined);
    throw error;
  }
  terminal.out(`Uploaded the disk as image ${id}.\n`);
  return id;
}

/** The domain goes before the server is asked for, and comes back when the service refuses. */
async function makeServer(
  cloud: CloudClient,
  { body, undefine, terminal }: { body: object; undefine: DomainSource | undefined; terminal: Terminal },
): Promise<string> {
  if (undefine !== undefined) {
    const file = await undefine.undefine();
    terminal.out(`Undefined domain ${undefine.domain.name}; ${file} defines it again (virsh define).\n`);
  }
  try {
    return (await cloud.request('POST', '/nameplate/v1/servers/import', body)).server.id;
  } catch (error) {
    // Without an answer the server may have been made: two machines of one identity are worse than none.
    const isRefused = error instanceof Failure && ['conflict', 'invalid'].includes(error.kind);
    if (undefine !== undefined && isRefused) {
      await undefine.define();
      terminal.out(`Defined domain ${undefine.domain.name} again.\n`);
    }
    throw error;
  }
}

/** @throws {Failure} `conflict` with the fault of a server in ERROR */
async function waitFor(cloud: CloudClient, id: string): Promise<void> {
  for (;;) {
    const { server } = await cloud.request('GET', `/compute/v2.1/servers/${id}`);
    if (server.status === 'ACTIVE') return;
    if (server.status !== 'BUILD')
      throw new Failure(
        'conflict',
        `Server ${id} is ${server.status}: ${server.fault?.message ?? 'no fault is recorded'}`,
      );
    await pause(POLL_MS);
  }
}
