import '../lab/checked-answers.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { buildApi } from '../../src/api/app.ts';
import type { ApiDependencies } from '../../src/api/http/dependencies.ts';
import { bootstrapIdentity } from '../../src/api/identity/bootstrap.ts';
import { createApiParts } from '../../src/api/parts.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ImageData } from '../../src/image-data/image-data.ts';
import { openImageFiles } from '../../src/image-data/image-files.ts';
import type { ProjectId, UserId } from '../../src/model/ids.ts';
import { LOG_EVENTS } from '../../src/model/log.ts';
import type { ImageLinks } from '../../src/operations/engine/image-links.ts';
import type { Operations } from '../../src/operations/requests/operations.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/promise/store.ts';
import { logLine } from '../lab/log-line.ts';

export const ADMIN_PASSWORD = 'correct horse battery staple';

/** What may be otherwise than in a plain start. */
export interface ApiOptions {
  readonly imageMaxSize?: number;
  /** Options of the configuration, as `[group, option, text]`. */
  readonly settings?: readonly (readonly [group: string, option: string, text: string])[];
  readonly wrapImageData?: (data: ImageData) => ImageData;
  /** What the API has as its store: the real one, with what a test lets fail. */
  readonly wrapStore?: (store: Store) => Store;
  readonly imageLinks?: ImageLinks;
}

/**
 * Identity and Image APIs on a real store and real files, in a folder of their own. No operations: no servers
 * here.
 */
export interface ApiUnderTest {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly folder: string;
  readonly imageFolder: string;
  readonly adminProject: ProjectId;
  readonly adminUser: UserId;
  /** Moves the API's clock, in milliseconds. */
  advance(milliseconds: number): void;
  ask(token: string | undefined, request: InjectOptions): Promise<LightMyRequestResponse>;
  /** A token of the user on the project, both in the default domain. */
  tokenOf(user: string, password: string, project?: string): Promise<string>;
  adminToken(): Promise<string>;
  /** A new project with a new user that has the role on it. */
  projectWith(role: string, name: string): Promise<{ token: string; projectId: string; userId: string }>;
  close(): Promise<void>;
}

/** What was logged as an error: a test that expects none looks here. */
export const errorsLogged: string[] = [];

export async function startApi(options: ApiOptions = {}): Promise<ApiUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'nameplate-api-'));
  const { config } = loadConfig({
    sources: [],
    overrides: [
      { group: 'DEFAULT', option: 'state_path', text: folder, flag: 'the test' },
      ...(options.settings ?? []).map(([group, option, text]) => ({ group, option, text, flag: 'the test' })),
      ...(options.imageMaxSize === undefined
        ? []
        : [{ group: 'image', option: 'max_size', text: String(options.imageMaxSize), flag: 'the test' }]),
    ],
  });
  const store = await openStore({ connection: `sqlite:///${join(folder, 'store.sqlite')}` });
  const admin = await bootstrapIdentity(store, { adminPassword: ADMIN_PASSWORD });
  const imageFolder = join(folder, 'images');
  const files = await openImageFiles({ folder: imageFolder, store });
  let ahead = 0;
  const shown = options.wrapStore?.(store) ?? store;
  const now = () => Date.now() + ahead;
  const parts: ApiDependencies = {
    store: shown,
    ...createApiParts({ store: shown, config, now }, []),
    operations: { refreshPorts: () => undefined } as unknown as Operations,
    imageData: options.wrapImageData?.(files) ?? files,
    config,
    ...(options.imageLinks !== undefined && { imageLinks: options.imageLinks }),
    now,
    log: (event, fields) => {
      if (LOG_EVENTS[event][0] === 'error') errorsLogged.push(logLine(event, fields));
    },
  };
  const app = await buildApi(parts);
  const ask: ApiUnderTest['ask'] = (token, request) =>
    app.inject({
      ...request,
      headers: { ...(token === undefined ? {} : { 'x-auth-token': token }), ...request.headers },
    });
  const tokenOf = (user: string, password: string, project?: string) =>
    issue(ask, { user, password, project });
  const adminToken = () => tokenOf('admin', ADMIN_PASSWORD, 'admin');
  return {
    app,
    store,
    folder,
    imageFolder,
    adminProject: admin.projectId,
    adminUser: admin.userId,
    advance: (milliseconds) => {
      ahead += milliseconds;
    },
    ask,
    tokenOf,
    adminToken,
    projectWith: async (role, name) => makeProject({ ask, tokenOf }, await adminToken(), { role, name }),
    close: async () => {
      await app.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The body of a password authentication in the default domain. */
export function passwordAuth(user: string, password: string, project?: string) {
  const domain = { id: 'default' };
  return {
    auth: {
      identity: { methods: ['password'], password: { user: { name: user, domain, password } } },
      ...(project === undefined ? {} : { scope: { project: { name: project, domain } } }),
    },
  };
}

async function issue(
  ask: ApiUnderTest['ask'],
  of: { user: string; password: string; project: string | undefined },
): Promise<string> {
  const payload = passwordAuth(of.user, of.password, of.project);
  const answer = await ask(undefined, { method: 'POST', url: '/identity/v3/auth/tokens', payload });
  if (answer.statusCode !== 201) throw new Error(`no token for ${of.user}: ${answer.body}`);
  return String(answer.headers['x-subject-token']);
}

async function makeProject(
  api: Pick<ApiUnderTest, 'ask' | 'tokenOf'>,
  admin: string,
  of: { role: string; name: string },
): Promise<{ token: string; projectId: string; userId: string }> {
  const made = async (noun: 'project' | 'user', fields: object): Promise<string> => {
    const answer = await api.ask(admin, {
      method: 'POST',
      url: `/identity/v3/${noun}s`,
      payload: { [noun]: fields },
    });
    return answer.json()[noun].id;
  };
  const password = `password of ${of.name}`;
  const projectId = await made('project', { name: of.name });
  const userId = await made('user', { name: of.name, password });
  const roles = await api.ask(admin, { url: `/identity/v3/roles?name=${of.role}` });
  const grant = `/identity/v3/projects/${projectId}/users/${userId}/roles/${roles.json().roles[0].id}`;
  await api.ask(admin, { method: 'PUT', url: grant });
  return { token: await api.tokenOf(of.name, password, of.name), projectId, userId };
}
