import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { furnishDemoCloud } from '../../src/cli/demo-cloud.ts';
import { openImageFiles } from '../../src/image-data/image-files.ts';
import { openStore } from '../../src/store/open.ts';
import { freePort } from './free-port.ts';
import { type LabNats, startNats } from './nats.ts';
import { type Part, type PartOptions, startPart } from './part.ts';
import { ADMIN_PASSWORD } from './service.ts';

const run = promisify(execFile);
const COMMAND = new URL('../../src/cli/nameplate.ts', import.meta.url).pathname;

/** Settings of one part, by section, as its configuration file has them. */
export type PartSettings = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * A cloud of many processes: a NATS server with credentials, and whatever replicas and agents are started.
 */
export interface Parts {
  readonly folder: string;
  readonly nats: LabNats;
  /** Runs `nameplate` to its end. @returns what it printed */
  nameplate(...words: string[]): Promise<string>;
  /** Starts a replica of the control plane, on a port of its own unless its settings say one. */
  serve(name: string, settings?: PartSettings, options?: Pick<PartOptions, 'command'>): Promise<Part>;
  /** Starts the agent of a host; its credentials are issued the first time. */
  agent(
    host: string,
    settings?: PartSettings,
    options?: Pick<PartOptions, 'inside' | 'command'>,
  ): Promise<Part>;
  /** Registers the demo flavors and image, once a replica has been started. `guests`: an image that boots. */
  furnish(options: { readonly guests: boolean; readonly say?: (line: string) => void }): Promise<void>;
  /** Ends all that was started, and removes the folder. */
  close(): Promise<void>;
}

/**
 * @param options.database what `[database] connection` is; by default a SQLite file, which one replica can
 * use
 * @param options.command the `nameplate` that makes the credentials; by default that of this checkout
 */
export async function startParts(
  options: { readonly database?: string; readonly folder?: string; readonly command?: string } = {},
): Promise<Parts> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'np-parts-')));
  const dir = join(folder, 'bus');
  const started: Part[] = [];
  const nameplate = async (...words: string[]) =>
    (await run(process.execPath, [options.command ?? COMMAND, ...words])).stdout;
  const port = await freePort();
  await nameplate('bus', 'init', '--dir', dir, '--listen', `127.0.0.1:${port}`);
  const nats = await startNats({ configFile: join(dir, 'nats.conf'), port });
  const bus = { servers: nats.url };
  const database = options.database ?? `sqlite:///${join(folder, 'store.sqlite')}`;
  const images = join(folder, 'images');
  let hasAdmin = false;

  async function start(
    command: 'serve' | 'agent',
    of: { name: string; settings: PartSettings; options: PartOptions },
  ): Promise<Part> {
    const state = join(folder, of.name);
    await mkdir(state, { recursive: true, mode: 0o711 });
    const file = join(state, 'nameplate.conf');
    await writeFile(
      file,
      confText({ ...of.settings, DEFAULT: { state_path: state, ...of.settings.DEFAULT } }),
    );
    const part = await startPart([command, '--config-file', file], {
      ...of.options,
      logFile: join(state, 'log'),
    });
    started.push(part);
    return part;
  }

  return {
    ...{ folder, nats, nameplate },
    async serve(name, settings = {}, more = {}) {
      await mkdir(join(folder, name), { recursive: true, mode: 0o711 });
      if (!hasAdmin) await writeFile(join(folder, name, 'admin-password'), ADMIN_PASSWORD, { mode: 0o600 });
      hasAdmin = true;
      return start('serve', {
        name,
        options: more,
        settings: {
          ...settings,
          nameplate: { listen: '127.0.0.1:0', ...settings.nameplate },
          image: { filesystem_store_datadir: images, ...settings.image },
          database: { connection: database.replaceAll('$', '$$$$'), ...settings.database },
          bus: { ...bus, credentials: join(dir, 'control.creds'), ...settings.bus },
        },
      });
    },
    async agent(host, settings = {}, more = {}) {
      const credentials = join(dir, 'hosts', `${host}.creds`);
      await readFile(credentials).catch(() => nameplate('host', 'add', host, '--dir', dir));
      return start('agent', {
        name: host,
        options: more,
        settings: {
          ...settings,
          DEFAULT: { host, my_ip: '127.0.0.1', ...settings.DEFAULT },
          bus: { ...bus, credentials, ...settings.bus },
        },
      });
    },
    furnish: ({ guests, say = () => undefined }) => furnish({ database, images, folder, guests, say }),
    async close() {
      for (const part of started.reverse()) await part.end();
      await nats.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function furnish(of: {
  readonly database: string;
  readonly images: string;
  readonly folder: string;
  readonly guests: boolean;
  readonly say: (line: string) => void;
}): Promise<void> {
  const store = await openStore({ connection: of.database });
  try {
    const [admin] = await store.identity.projects.list({ name: 'admin' });
    if (admin === undefined) throw new Error('no replica has been started yet');
    const imageData = await openImageFiles({ folder: of.images, store, isShared: true });
    const cacheDir = join(tmpdir(), 'nameplate-demo-image');
    const { folder: stateDir, guests, say } = of;
    await furnishDemoCloud({ store, imageData, adminProject: admin.id }, { stateDir, cacheDir, guests, say });
  } finally {
    await store.close();
  }
}

function confText(settings: PartSettings): string {
  return Object.entries(settings)
    .map(([section, values]) => {
      const lines = Object.entries(values).map(([option, value]) => `${option} = ${value}\n`);
      return `[${section}]\n${lines.join('')}`;
    })
    .join('\n');
}
